package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Runs each program in a container of its own that shares this machine's network and the directory of the topology, at the same
 * path and under the same user. Addresses, files, logs and signals are then what they are for processes, and so is every fault.
 */
final class ContainerLauncher implements Launcher {
    private final Engine engine;
    private final Account account;
    private final Path workspace;
    private final Path directory;

    ContainerLauncher(Engine engine, Account account, Path workspace, Path directory) {
        this.engine = engine;
        this.account = account;
        this.workspace = workspace;
        this.directory = directory;
    }

    @Override
    public Execution launch(Children.Program program) throws IOException {
        if (!Files.exists(program.log())) {
            account.newPrivateFile(program.log(), "");
        }
        Path users = directory.resolve("passwd");
        if (!Files.exists(users)) {
            engine.removeOrphans(workspace);
            writeUsers(users);
        }
        return engine.run(program, account, directory, users);
    }

    /** A list of users that has the servers' user in it, for images that do not know it: initdb wants its name. */
    private void writeUsers(Path users) throws IOException {
        Files.writeString(
                users, "root:x:0:0::/:/bin/sh\nsagaz:x:%d:%d::/:/bin/sh\n".formatted(account.uid(), account.gid()));
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
