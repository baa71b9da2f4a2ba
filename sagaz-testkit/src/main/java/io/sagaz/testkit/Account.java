package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The user under whom servers run. PostgreSQL and PgBouncer refuse to run as root, so root steps down to another user
 * for them.
 *
 * @param user name of the user
 * @param uid number of the user
 * @param gid number of its group
 * @param ownUid number of the user of this process
 * @param prefix what a command line starts with to become that user; empty when it is ours
 * @param forks whether the prefix stays as a parent of the program
 */
record Account(String user, int uid, int gid, int ownUid, List<String> prefix, boolean forks) {
    private static final Duration PROBE = Duration.ofSeconds(20);

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> TRAVERSABLE = PosixFilePermissions.fromString("rwx--x--x");

    static Account ofServers() {
        int own = number("id", "-u");
        if (own != 0) {
            return ofThisProcess();
        }
        String user = Command.run(PROBE, "id", "-u", "postgres").succeeded() ? "postgres" : "nobody";
        int uid = number("id", "-u", user);
        int gid = number("id", "-g", user);
        for (StepDown way : StepDown.values()) {
            List<String> probe = new ArrayList<>(way.prefix(user, uid, gid));
            probe.add("true");
            if (Command.run(PROBE, probe.toArray(new String[0])).succeeded()) {
                return new Account(user, uid, gid, own, way.prefix(user, uid, gid), way.forks);
            }
        }
        throw new TopologyException(
                "PostgreSQL and PgBouncer refuse to run as root, and none of setpriv, runuser and su"
                        + " could become the user " + user
                        + ": install util-linux, or start this JVM as an ordinary user");
    }

    /** For programs that run under our own user. */
    static Account ofThisProcess() {
        int own = number("id", "-u");
        return new Account(System.getProperty("user.name", "?"), own, number("id", "-g"), own, List.of(), false);
    }

    boolean stepsDown() {
        return uid != ownUid;
    }

    /** Whether a process can be one of ours. Root may have stepped down to another user the last time. */
    boolean mayOwn(ProcessHandle process) {
        return ownUid == 0 || process.info().user().map(user::equals).orElse(true);
    }

    /** For a directory of ours through which the servers' user must get to its own. */
    Set<PosixFilePermission> passage() {
        return stepsDown() ? TRAVERSABLE : PRIVATE;
    }

    /** Makes a new directory that only the servers' user may enter. */
    Path newPrivateDirectory(Path path) throws IOException {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PRIVATE));
        return give(path);
    }

    /** Writes a new file that only the servers' user may read. */
    Path newPrivateFile(Path path, String content) throws IOException {
        Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(path, content);
        return give(path);
    }

    /** Makes the servers' user the owner. */
    Path give(Path path) throws IOException {
        if (stepsDown()) {
            Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        }
        return path;
    }

    /** Fails unless the servers' user can get into the directory. */
    void requireAccess(Path directory) {
        List<String> probe = new ArrayList<>(prefix);
        probe.addAll(List.of("sh", "-c", "cd \"$1\"", "sh", directory.toString()));
        Command.Result result = Command.run(PROBE, probe.toArray(new String[0]));
        if (!result.succeeded()) {
            throw new TopologyException("The user " + user + ", under whom the servers run, cannot enter " + directory
                    + ": set " + Settings.DIRECTORY + " to a directory that all users may enter");
        }
    }

    private static int number(String... command) {
        Command.Result result = Command.run(PROBE, command);
        if (!result.succeeded()) {
            throw new TopologyException(
                    "Cannot find out who we are: " + String.join(" ", command) + " says\n" + result.end());
        }
        return Integer.parseInt(result.output().strip());
    }

    /** Ways to become another user, best first. The first keeps our process as the parent of the program. */
    private enum StepDown {
        SETPRIV(false) {
            @Override
            List<String> prefix(String user, int uid, int gid) {
                return List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--");
            }
        },
        RUNUSER(true) {
            @Override
            List<String> prefix(String user, int uid, int gid) {
                return List.of("runuser", "-u", user, "--");
            }
        },
        SU(true) {
            @Override
            List<String> prefix(String user, int uid, int gid) {
                return List.of("su", "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--", user);
            }
        };

        private final boolean forks;

        StepDown(boolean forks) {
            this.forks = forks;
        }

        abstract List<String> prefix(String user, int uid, int gid);
    }
}
