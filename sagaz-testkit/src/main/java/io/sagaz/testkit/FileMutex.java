package io.sagaz.testkit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Lets one thread of one process at a time into a section, among all processes of this user.
 *
 * <p>A lock on a file belongs to a whole process, and closing <em>any</em> channel of the file gives it up. So within
 * the process a monitor comes first. The monitor is an interned string because that is one object for all class
 * loaders, where a static field is one for each.
 */
final class FileMutex {
    private final Path file;
    private final Object monitor;

    FileMutex(Path file) {
        this.file = file;
        this.monitor = (FileMutex.class.getName() + ":" + file).intern();
    }

    /** Work that may fail as file work does. */
    @FunctionalInterface
    interface Section<T> {
        T run() throws IOException;
    }

    <T> T holding(Section<T> section) throws IOException {
        synchronized (monitor) {
            try (FileChannel channel = open(file)) {
                FileLock lock = channel.lock();
                try {
                    return section.run();
                } finally {
                    lock.release();
                }
            }
        }
    }

    static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
}
