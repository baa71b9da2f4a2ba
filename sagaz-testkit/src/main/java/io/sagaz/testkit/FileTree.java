package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Deletes trees of files, also while a dying process still writes into them. */
final class FileTree {
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private FileTree() {}

    static void delete(Path root) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                Files.walkFileTree(root, new Deleter(root, null));
                return;
            } catch (NoSuchFileException e) {
                if (root.toString().equals(e.getFile())) {
                    return;
                }
                requireTime(start, e);
            } catch (DirectoryNotEmptyException e) {
                requireTime(start, e);
            }
        }
    }

    /** Deletes everything in the directory except the one entry with that name. */
    static void deleteContents(Path directory, String spared) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                Files.walkFileTree(directory, new Deleter(directory, directory.resolve(spared)));
                return;
            } catch (NoSuchFileException | DirectoryNotEmptyException e) {
                requireTime(start, e);
            }
        }
    }

    private static void requireTime(long start, IOException e) throws IOException {
        if (System.nanoTime() - start > GIVE_UP_NANOS) {
            throw e;
        }
    }

    private static final class Deleter extends SimpleFileVisitor<Path> {
        private final Path root;
        private final @Nullable Path spared;

        Deleter(Path root, @Nullable Path spared) {
            this.root = root;
            this.spared = spared;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (!file.equals(spared)) {
                Files.deleteIfExists(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException && !file.equals(root)) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
            if (spared == null || !directory.equals(root)) {
                Files.deleteIfExists(directory);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
