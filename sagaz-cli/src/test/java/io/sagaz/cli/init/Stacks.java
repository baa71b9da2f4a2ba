package io.sagaz.cli.init;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Stacks for tests, whose passwords are numbered. */
final class Stacks {
    private static final Path FOLDER = Path.of("/srv/shop");
    private static final EnvFile NOTHING = EnvFile.of("");

    private Stacks() {}

    /** With these options: setting, value, setting, value… */
    static Stack with(Object... settingsAndValues) {
        return on("", settingsAndValues);
    }

    /** With these options, where this {@code .env} is already. */
    static Stack on(String env, Object... settingsAndValues) {
        Map<Setting, String> options = new EnumMap<>(Setting.class);
        options.put(Setting.HOME, "/opt/sagaz-home");
        for (int i = 0; i < settingsAndValues.length; i += 2) {
            options.put((Setting) settingsAndValues[i], settingsAndValues[i + 1].toString());
        }
        AtomicInteger passwords = new AtomicInteger();
        return Stack.of(options, EnvFile.of(env), () -> "madeUp" + passwords.incrementAndGet());
    }

    /** On Kubernetes, with these options: setting, value, setting, value… */
    static Stack onKubernetes(Object... settingsAndValues) {
        Map<Setting, String> options = new EnumMap<>(KubernetesPlan.DEFAULTS);
        options.put(Setting.HOME, "/opt/sagaz-home");
        for (int i = 0; i < settingsAndValues.length; i += 2) {
            options.put((Setting) settingsAndValues[i], settingsAndValues[i + 1].toString());
        }
        AtomicInteger passwords = new AtomicInteger();
        return Stack.of(Stack.Naming.PODS, options, NOTHING, () -> "madeUp" + passwords.incrementAndGet());
    }

    /** The text of each file of a deployment on Kubernetes. */
    static Map<String, String> kubernetes(Object... settingsAndValues) {
        return KubernetesPlan.of(onKubernetes(settingsAndValues), NOTHING, "sagaz init --with-ha --k8s").stream()
                .collect(Collectors.toMap(PlannedFile::path, PlannedFile::text));
    }

    /** The text of each file of a deployment. */
    static Map<String, String> files(Stack stack) {
        List<PlannedFile> files = ComposePlan.of(stack, NOTHING, FOLDER, "sagaz init --with-ha");
        return files.stream().collect(Collectors.toMap(PlannedFile::path, PlannedFile::text));
    }

    /** The text of one file of a deployment. */
    static String file(Stack stack, String path) {
        String text = files(stack).get(path);
        if (text == null) {
            throw new AssertionError("There is no " + path);
        }
        return text;
    }
}
