package io.sagaz.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The directory below that of {@link Settings#directory()} that holds all topologies of one user of the operating system.
 *
 * <p>Each topology has a sub-directory with a file {@code owner.lock}, which its JVM keeps locked while it lives. The
 * kernel drops the lock with the JVM, however that died, so a directory whose lock can be taken has lost its owner: its
 * processes are killed and it is deleted. Both this search and the making of a new directory happen under the
 * workspace's own lock; nobody ever sees a directory that is not locked yet.
 *
 * <p>A JVM must not even open the lock of one of its own topologies (see {@link FileMutex}). It knows them by their
 * names, which contain the process id and the start time of their JVM.
 */
final class Workspace {
    private static final String PREFIX = "t-";
    private static final String LOCK = "owner.lock";

    private final Path base;
    private final Account account;
    private final FileMutex mutex;

    private Workspace(Path base, Account account) {
        this.base = base;
        this.account = account;
        this.mutex = new FileMutex(base.resolve("workspace.lock"));
    }

    static Workspace open(Path temporary, Account account) throws IOException {
        String user = System.getProperty("user.name", "?").replaceAll("[^A-Za-z0-9._-]", "_");
        Path base = temporary.toRealPath().resolve("sagaz-" + (user.matches("[._]*") ? account.ownUid() : user));
        try {
            Files.createDirectory(base, PosixFilePermissions.asFileAttribute(account.passage()));
        } catch (FileAlreadyExistsException e) {
            requireOurs(base, account);
        }
        Files.setPosixFilePermissions(base, account.passage());
        account.requireAccess(base);
        return new Workspace(base, account);
    }

    /** The name is easy to guess in a directory where everybody may write, so somebody else may have been first. */
    private static void requireOurs(Path base, Account account) throws IOException {
        int owner = (Integer) Files.getAttribute(base, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(base, LinkOption.NOFOLLOW_LINKS);
        boolean others = permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE);
        if (!Files.isDirectory(base, LinkOption.NOFOLLOW_LINKS) || owner != account.ownUid() || others) {
            throw new TopologyException(base + " is not a directory that only we (user number " + account.ownUid()
                    + ") may write to: remove it, or set " + Settings.DIRECTORY + " to another directory");
        }
    }

    Path path() {
        return base;
    }

    /** Where programs are kept from one topology to the next. */
    Path cache() throws IOException {
        Path cache = base.resolve("cache");
        try {
            Files.createDirectory(cache, PosixFilePermissions.asFileAttribute(account.passage()));
        } catch (FileAlreadyExistsException e) {
            Files.setPosixFilePermissions(cache, account.passage());
        }
        return cache;
    }

    /** Makes a directory for a new topology, and removes what dead JVMs left behind. */
    Home newHome(Progress progress) throws IOException {
        return mutex.holding(() -> {
            for (Path orphan : orphans()) {
                progress.say("Removing what a killed JVM left in " + orphan);
                Processes.killServersFrom(orphan, account);
                Disk.unmountBelow(orphan);
                FileTree.delete(orphan);
            }
            String unique = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), Character.MAX_RADIX);
            Path path = base.resolve(PREFIX + ownToken() + "-" + unique);
            Files.createDirectory(path, PosixFilePermissions.asFileAttribute(account.passage()));
            Files.setPosixFilePermissions(path, account.passage());
            FileChannel channel = FileMutex.open(path.resolve(LOCK));
            if (channel.tryLock() == null) {
                channel.close();
                throw new IOException("The lock of the new directory " + path + " is taken");
            }
            return new Home(path, channel);
        });
    }

    private List<Path> orphans() throws IOException {
        String own = PREFIX + ownToken() + "-";
        List<Path> orphans = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(base, PREFIX + "*")) {
            for (Path directory : directories) {
                if (!String.valueOf(directory.getFileName()).startsWith(own) && isOrphan(directory)) {
                    orphans.add(directory);
                }
            }
        }
        return orphans;
    }

    private static boolean isOrphan(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(
                        directory.resolve(LOCK), Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (NoSuchFileException e) {
            // Its owner is deleting it, or died before it could lock it.
            return true;
        }
    }

    private static String ownToken() {
        ProcessHandle self = ProcessHandle.current();
        long started = self.info()
                .startInstant()
                .map(instant -> instant.toEpochMilli())
                .orElse(0L);
        return self.pid() + "-" + Long.toString(started, Character.MAX_RADIX);
    }

    /** The directory of one topology. */
    static final class Home {
        private final Path path;
        private @Nullable FileChannel lock;

        private Home(Path path, FileChannel lock) {
            this.path = path;
            this.lock = lock;
        }

        Path path() {
            return path;
        }

        /** Deletes the directory with all that is in it, the lock last. Does nothing the second time. */
        synchronized void delete() {
            FileChannel held = lock;
            if (held == null) {
                return;
            }
            try {
                FileTree.deleteContents(path, LOCK);
                FileTree.delete(path);
                lock = null;
                held.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot delete " + path, e);
            }
        }
    }
}
