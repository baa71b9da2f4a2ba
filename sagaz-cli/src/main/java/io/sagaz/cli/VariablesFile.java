package io.sagaz.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A file of variables that a shell and {@code --env-file} read. It holds a password, so only its owner may read it, and it goes
 * when it is closed, unless somebody has changed it.
 */
final class VariablesFile implements AutoCloseable {
    private final Path path;
    private final String text;

    private VariablesFile(Path path, String text) {
        this.path = path;
        this.text = text;
    }

    /**
     * Finds out early whether a file can be written.
     *
     * @throws IllegalArgumentException if not, with what helps
     */
    static void check(String option, Path path, boolean force) {
        Path folder = folder(path);
        if (Files.isDirectory(path)) {
            throw new IllegalArgumentException(option + " must be a file, but " + path + " is a folder");
        }
        if (Files.exists(path) && !force) {
            throw new IllegalArgumentException(
                    option + " " + path + " is there already: name another file, or say --force to overwrite it");
        }
        if (!Files.isWritable(folder)) {
            throw new IllegalArgumentException(
                    option + " " + path + " cannot be written: " + folder + " is no folder in which you may write");
        }
    }

    /** Writes one, as a whole or not at all. */
    static VariablesFile write(Path path, Map<String, String> variables, boolean force) throws IOException {
        String text = String.join("\n", lines("", variables)) + "\n";
        // Temporary files are the owner's only from the beginning.
        Path draft = Files.createTempFile(folder(path), ".sagaz-", ".tmp");
        try {
            Files.writeString(draft, text);
            if (force) {
                Files.move(draft, path, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.move(draft, path);
            }
        } finally {
            Files.deleteIfExists(draft);
        }
        return new VariablesFile(path, text);
    }

    /** Where it is. */
    Path path() {
        return path;
    }

    /** A line for each variable: {@code NAME='value'}. */
    static List<String> lines(String before, Map<String, String> variables) {
        return variables.entrySet().stream()
                .map(variable -> before + variable.getKey() + "='" + variable.getValue() + "'")
                .toList();
    }

    private static Path folder(Path path) {
        return Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path);
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(path) && Files.readString(path).equals(text)) {
            Files.delete(path);
        }
    }
}
