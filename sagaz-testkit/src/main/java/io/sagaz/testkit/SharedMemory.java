package io.sagaz.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The segments that PostgreSQL's processes share. Who is killed leaves them behind, and a machine has room for some thousands: a
 * server that is started again takes them away, one that is not never does.
 *
 * @param files in memory
 * @param segments numbers of those of System V
 */
record SharedMemory(Set<Path> files, Set<Long> segments) {
    private static final Duration REMOVAL = Duration.ofSeconds(10);
    private static final Path PROC = Path.of("/proc");
    private static final Path TABLE = PROC.resolve("sysvipc/shm");

    private static final Pattern FILE = Pattern.compile("(/dev/shm/PostgreSQL\\.\\d+)");
    private static final Pattern SEGMENT = Pattern.compile("\\s(\\d+)\\s+/SYSV\\p{XDigit}{8}\\b");

    /** Those of processes that run here; none of processes in containers, which take theirs along, or of a system without /proc. */
    static SharedMemory of(Collection<ProcessHandle> processes) {
        Set<Path> files = new HashSet<>();
        Set<Long> segments = new HashSet<>();
        for (ProcessHandle each : processes) {
            Path process = PROC.resolve(Long.toString(each.pid()));
            if (isNamespaceOurs(process)) {
                lines(process.resolve("maps")).forEach(line -> {
                    find(FILE, line).map(Path::of).ifPresent(files::add);
                    find(SEGMENT, line).map(Long::valueOf).ifPresent(segments::add);
                });
            }
        }
        return new SharedMemory(files, segments);
    }

    private static boolean isNamespaceOurs(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/ipc"))
                    .equals(Files.readSymbolicLink(PROC.resolve("self/ns/ipc")));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static Optional<String> find(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).lines();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /** What of it is there and used by nobody. */
    SharedMemory abandoned() {
        Set<Path> left = new HashSet<>(files);
        left.removeIf(Files::notExists);
        Set<Long> unused = new HashSet<>();
        lines(TABLE).map(line -> List.of(line.strip().split("\\s+"))).forEach(columns -> {
            // key, number, access, size, maker, last user, users, …
            if (columns.size() > 6 && columns.get(6).equals("0")) {
                unused.add(Long.valueOf(columns.get(1)));
            }
        });
        unused.retainAll(segments);
        return new SharedMemory(left, unused);
    }

    /** Takes away what is used by nobody any more, if that is allowed; called when the processes are gone. */
    void remove() {
        SharedMemory left = abandoned();
        Stream<String> words = Stream.concat(
                left.files().stream().map(file -> "rm -f " + file),
                left.segments().stream().map(number -> "ipcrm -m " + number));
        words.map(word -> word.split(" ")).forEach(command -> Command.run(REMOVAL, command));
    }
}
