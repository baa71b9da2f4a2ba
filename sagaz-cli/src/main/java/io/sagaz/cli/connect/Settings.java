package io.sagaz.cli.connect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Settings by name: an option goes before the environment, the environment before the file. Immutable. Its text has no values,
 * for some are secret.
 */
final class Settings {
    private final Map<String, String> environment;
    private final Properties file;
    private final String fileName;

    private Settings(Map<String, String> environment, Properties file, String fileName) {
        this.environment = environment;
        this.file = file;
        this.fileName = fileName;
    }

    /**
     * A setting.
     *
     * @param name by which it was given, for messages
     */
    record Setting(String name, String value) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * From an environment, and a file of lines {@code NAME=value} if there is one.
     *
     * @throws IllegalArgumentException if the file cannot be read
     */
    static Settings of(Map<String, String> environment, @Nullable Path file) {
        return file == null
                ? new Settings(environment, new Properties(), "")
                : new Settings(environment, read(file), file.toString());
    }

    private static Properties read(Path file) {
        Properties read = new Properties();
        for (String line : text("--env-file", file).lines().map(String::strip).toList()) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                int equals = line.indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException(
                            "--env-file " + file + " must hold lines NAME=value, and comments that begin with #");
                }
                String name = line.substring(0, equals)
                        .replaceFirst("^export\\s+", "")
                        .strip();
                read.setProperty(name, unquoted(line.substring(equals + 1).strip()));
            }
        }
        return read;
    }

    private static String unquoted(String value) {
        for (String quote : List.of("\"", "'")) {
            if (value.length() >= 2 && value.startsWith(quote) && value.endsWith(quote)) {
                return value.substring(1, value.length() - 1);
            }
        }
        return value;
    }

    /**
     * The text of a file.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    static String text(String option, Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(option + " " + file + " does not exist", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(option + " " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The value of an option, else of the first of the names that is set. */
    Optional<Setting> find(String option, @Nullable String value, String... names) {
        if (value != null) {
            return Optional.of(new Setting(option, value));
        }
        for (String name : names) {
            String inEnvironment = environment.getOrDefault(name, "");
            if (!inEnvironment.isBlank()) {
                return Optional.of(new Setting(name, inEnvironment));
            }
            String inFile = file.getProperty(name, "");
            if (!inFile.isBlank()) {
                return Optional.of(new Setting(name + " in " + fileName, inFile));
            }
        }
        return Optional.empty();
    }
}
