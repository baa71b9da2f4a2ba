package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** A directory for temporary files that belongs to one test, and that the servers' user may enter. */
final class Base implements AutoCloseable {
    private final Path path;

    Base() throws IOException {
        path = Files.createTempDirectory("sagaz-test-").toRealPath();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path path() {
        return path;
    }

    /** Directories of topologies. */
    List<Path> homes() throws IOException {
        try (Stream<Path> tree = Files.walk(path, 2)) {
            return tree.filter(entry -> String.valueOf(entry.getFileName()).startsWith("t-"))
                    .toList();
        }
    }

    /** Processes that were started for a topology in here. */
    List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> Processes.servesFrom(path, process) && !Processes.isGone(process))
                .toList();
    }

    /** Those of them that are servers, without what helped to become another user. */
    List<ProcessHandle> servers() {
        return processes().stream()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> !command.endsWith("/runuser") && !command.endsWith("/su"))
                        .isPresent())
                .toList();
    }

    /** An executable script. */
    Path script(String name, String content) throws IOException {
        Path file = Files.writeString(path.resolve(name), "#!/bin/sh\n" + content + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Override
    public void close() throws IOException {
        Processes.killServersFrom(path, Account.ofServers());
        FileTree.delete(path);
    }
}
