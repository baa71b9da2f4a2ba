package io.sagaz.cli.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** The files of a ConfigMap or Secret as kubelet puts them into a pod: links, which all lead to new files at once. */
record MountedFiles(Path folder) {
    private static final String NOW = "..data";

    /** Writes these files, by name, beside those that are there: the folder in which they are. */
    Path write(Map<String, String> files, String permissions) throws IOException {
        open(Files.createDirectories(folder));
        Path made = Files.createTempDirectory(folder, "..");
        open(made);
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path target = made.resolve(file.getKey());
            Files.writeString(target, file.getValue());
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));
            Path link = folder.resolve(file.getKey());
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, Path.of(NOW, file.getKey()));
            }
        }
        return made;
    }

    /** Puts the files of this folder in place of those that are there. */
    void show(Path made) throws IOException {
        Path next = Files.createSymbolicLink(folder.resolve("..next"), folder.relativize(made));
        Files.move(next, folder.resolve(NOW), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
