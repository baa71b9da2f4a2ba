package io.sagaz.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** A small file system in memory (tmpfs) that can be filled. Needs Linux, and the right to mount. */
final class Disk {
    private static final Duration COMMAND = Duration.ofSeconds(20);
    private static final Path MOUNTS = Path.of("/proc/self/mounts");
    private static final byte[] BLOCK = new byte[1 << 16];

    private final Path directory;
    private final Path ballast;

    private Disk(Path directory) {
        this.directory = directory;
        this.ballast = directory.resolve("ballast");
    }

    /** Puts a new one at an empty directory, which the account then owns alone. */
    static Disk mount(Path directory, int mebibytes, Account account) {
        String options = "size=%dm,mode=0700,uid=%d,gid=%d".formatted(mebibytes, account.uid(), account.gid());
        Command.Result result =
                Command.run(COMMAND, "mount", "-t", "tmpfs", "-o", options, "sagaz-testkit", directory.toString());
        if (!result.succeeded()) {
            throw new TopologyException(
                    "Topology.primaryDisk needs Linux and the right to mount a file system, which root"
                            + " has outside of containers; mount said:\n" + result.end());
        }
        return new Disk(directory);
    }

    /** Removes those that are below a directory, with what is on them. */
    static void unmountBelow(Path directory) throws IOException {
        if (!Files.exists(MOUNTS)) {
            return;
        }
        for (String line : Files.readAllLines(MOUNTS)) {
            List<String> fields = List.of(line.split(" ", 3));
            if (fields.get(0).equals("sagaz-testkit")
                    && Path.of(unescaped(fields.get(1))).startsWith(directory)) {
                Command.Result result = Command.run(COMMAND, "umount", unescaped(fields.get(1)));
                if (!result.succeeded()) {
                    throw new IOException("Cannot unmount " + unescaped(fields.get(1)) + ": " + result.end());
                }
            }
        }
    }

    /** The list of mounts has spaces and the like in octal. */
    private static String unescaped(String path) {
        return path.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    /** Leaves no free byte. */
    void fill() throws IOException {
        FileStore store = Files.getFileStore(directory);
        try (OutputStream out = Files.newOutputStream(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (store.getUsableSpace() > 0) {
                out.write(BLOCK);
            }
        } catch (IOException e) {
            if (store.getUsableSpace() > 0) {
                throw e;
            }
        }
    }

    boolean isFilled() {
        return Files.exists(ballast);
    }

    /** Gives the space back; whether there was any to give. */
    boolean free() throws IOException {
        return Files.deleteIfExists(ballast);
    }
}
