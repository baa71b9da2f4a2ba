package io.sagaz.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies the data directory of a running server, as pg_basebackup does, with nothing but SQL and file copies. The
 * copies are torn until the WAL written meanwhile has been replayed; backup_label tells the new servers from where.
 */
final class OnlineCopy {
    /** Directories whose content belongs to the running server alone. */
    private static final Set<String> EMPTIED = Set.of(
            "pg_wal",
            "pg_replslot",
            "pg_dynshmem",
            "pg_notify",
            "pg_serial",
            "pg_snapshots",
            "pg_stat_tmp",
            "pg_subtrans");

    private static final Set<String> LEFT_OUT =
            Set.of("postmaster.pid", "postmaster.opts", "backup_label", "tablespace_map", "backup_manifest");

    private static final Path CONTROL = Path.of("global", "pg_control");

    private final Path from;
    private final Path to;
    private final Account account;

    private OnlineCopy(Path from, Path to, Account account) {
        this.from = from;
        this.to = to;
        this.account = account;
    }

    /**
     * Copies.
     *
     * @param connection of the superuser to the server
     * @param major its major version
     * @param from its data directory
     * @param to new directories
     * @param account whose the copies shall be
     */
    static void copy(Connection connection, int major, Path from, List<Path> to, Account account)
            throws SQLException, IOException {
        boolean named = major >= 15;
        Jdbc.execute(
                connection,
                named ? "SELECT pg_backup_start('sagaz', true)" : "SELECT pg_start_backup('sagaz', true, false)");
        try {
            // Making files takes more of a processor than writing them, on many file systems.
            to.parallelStream().forEach(target -> new OnlineCopy(from, target, account).copyTree());
        } catch (UncheckedIOException e) {
            throw new IOException("The data directory was not copied: " + e.getMessage(), e);
        }
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT labelfile FROM "
                        + (named ? "pg_backup_stop(false)" : "pg_stop_backup(false, false)"))) {
            result.next();
            String label = result.getString(1);
            for (Path target : to) {
                account.newPrivateFile(target.resolve("backup_label"), label);
            }
        }
    }

    private void copyTree() {
        try {
            Files.walkFileTree(from, new Copier());
            // Last, as its minimum recovery point must not be older than any copied page.
            copyFile(CONTROL);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copyFile(Path relative) throws IOException {
        account.give(Files.copy(from.resolve(relative), to.resolve(relative)));
    }

    private final class Copier extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            String name = String.valueOf(directory.getFileName());
            if (name.startsWith("pgsql_tmp")) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            Path relative = from.relativize(directory);
            account.newPrivateDirectory(to.resolve(relative).normalize());
            return EMPTIED.contains(relative.toString()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Path relative = from.relativize(file);
            String name = String.valueOf(file.getFileName());
            boolean skipped = LEFT_OUT.contains(relative.toString())
                    || name.startsWith("pg_internal.init")
                    || relative.equals(CONTROL);
            if (!skipped) {
                try {
                    copyFile(relative);
                } catch (NoSuchFileException e) {
                    // Dropped meanwhile; replaying the WAL drops it again.
                    return FileVisitResult.CONTINUE;
                }
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
