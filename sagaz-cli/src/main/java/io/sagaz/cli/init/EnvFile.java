package io.sagaz.cli.init;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The text of a file of lines {@code NAME=value}, as Compose reads it. Immutable; keeps what people have written into it. */
final class EnvFile {
    private final List<String> lines;

    private EnvFile(List<String> lines) {
        this.lines = List.copyOf(lines);
    }

    static EnvFile of(String text) {
        return new EnvFile(text.lines().toList());
    }

    /** The value of a name, the last one if it is there twice; empty if it has none. */
    Optional<String> get(String name) {
        return lines.stream()
                .filter(line -> isOf(line, name))
                .reduce((former, latter) -> latter)
                .map(line -> unquoted(line.substring(line.indexOf('=') + 1).strip()))
                .filter(value -> !value.isEmpty());
    }

    /** With these values: those that differ are changed where they are, those that are missing come at the end. */
    EnvFile with(Map<String, String> values) {
        List<String> changed = new ArrayList<>(lines);
        values.forEach((name, value) -> {
            if (!get(name).equals(Optional.of(value))) {
                set(changed, name, value);
            }
        });
        return new EnvFile(changed);
    }

    /** Changes the last line of a name, and takes those before it away. */
    private static void set(List<String> lines, String name, String value) {
        String line = name + "=" + value;
        int place = lines.size() - 1;
        while (place >= 0 && !isOf(lines.get(place), name)) {
            place--;
        }
        if (place < 0) {
            lines.add(line);
            return;
        }
        lines.set(place, line);
        lines.subList(0, place).removeIf(other -> isOf(other, name));
    }

    String text() {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    private static boolean isOf(String line, String name) {
        int equals = line.indexOf('=');
        return equals > 0 && line.substring(0, equals).strip().equals(name);
    }

    private static String unquoted(String value) {
        for (String quote : List.of("\"", "'")) {
            if (value.length() >= 2 && value.startsWith(quote) && value.endsWith(quote)) {
                return value.substring(1, value.length() - 1);
            }
        }
        return value;
    }
}
