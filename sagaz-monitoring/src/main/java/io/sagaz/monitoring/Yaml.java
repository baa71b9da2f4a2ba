package io.sagaz.monitoring;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes maps, lists, texts and numbers as YAML. */
final class Yaml {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./-]*");

    private final StringBuilder text = new StringBuilder();

    private Yaml() {}

    /** A document; what a map holds keeps its order. */
    static String of(String comment, Map<String, ?> document) {
        Yaml yaml = new Yaml();
        comment.lines().forEach(line -> yaml.text.append("# ").append(line).append('\n'));
        yaml.map(document, "", false);
        return yaml.text.toString();
    }

    /** The first key of an item stands behind its dash. */
    private void map(Map<?, ?> map, String indent, boolean behindDash) {
        boolean indented = behindDash;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(indented ? "" : indent).append(entry.getKey()).append(':');
            indented = false;
            value(entry.getValue(), indent);
        }
    }

    private void value(Object value, String indent) {
        if (value instanceof Map<?, ?> map) {
            text.append('\n');
            map(map, indent + "  ", false);
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            text.append('\n');
            list.forEach(item -> item(item, indent + "  "));
        } else if (value instanceof String words && words.contains("\n")) {
            text.append(" |-\n");
            words.lines()
                    .forEach(line -> text.append(line.isBlank() ? "" : indent + "  " + line)
                            .append('\n'));
        } else {
            text.append(' ').append(scalar(value)).append('\n');
        }
    }

    private void item(Object item, String indent) {
        text.append(indent).append("- ");
        if (item instanceof Map<?, ?> map) {
            map(map, indent + "  ", true);
        } else {
            text.append(scalar(item)).append('\n');
        }
    }

    private static String scalar(Object value) {
        if (!(value instanceof String words)) {
            return String.valueOf(value);
        }
        boolean word =
                List.of("true", "false", "yes", "no", "on", "off", "null").contains(words);
        if (PLAIN.matcher(words).matches() && !word) {
            return words;
        }
        return '"' + words.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
