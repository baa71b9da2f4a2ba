package io.sagaz.bench.report;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What it ran on, without names of hosts, users or directories.
 *
 * @param cores that the JVM may use
 * @param memory of the machine or container, such as {@code 23.5 GiB}
 * @param os name, version and architecture
 * @param jvm name and version
 */
public record Machine(int cores, String memory, String os, String jvm) {
    /** What follows the numbers of a version may name whoever built it. */
    private static final Pattern NUMBERS = Pattern.compile("^([0-9.]*[0-9]).*");

    private static final double BYTES_OF_A_GIBIBYTE = 1 << 30;

    /** This one. */
    public static Machine here() {
        long memory =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                String.format(Locale.ROOT, "%.1f GiB", memory / BYTES_OF_A_GIBIBYTE),
                property("os.name") + " "
                        + NUMBERS.matcher(property("os.version")).replaceFirst("$1") + " " + property("os.arch"),
                property("java.vm.name") + " " + property("java.vm.version"));
    }

    private static String property(String name) {
        return System.getProperty(name, "?");
    }
}
