package io.sagaz.bench.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where the files of servers live. */
enum Place {
    /** Where temporary files do, which is a disk on most machines. */
    DISK("", Path.of(System.getProperty("java.io.tmpdir", "/tmp"))),
    /** A file system of Linux in memory. */
    MEMORY(", in memory", Path.of("/dev/shm"));

    private final String title;
    private final Path parent;

    Place(String title, Path parent) {
        this.title = title;
        this.parent = parent;
    }

    /** What is added to the name of a result. */
    String title() {
        return title;
    }

    Path parent() {
        return parent;
    }

    boolean isThere() {
        return Files.isDirectory(parent);
    }

    /** A new directory there that the user of the servers may enter. */
    Path directory() throws IOException {
        Path directory = Files.createTempDirectory(parent, "sagaz-bench-");
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
