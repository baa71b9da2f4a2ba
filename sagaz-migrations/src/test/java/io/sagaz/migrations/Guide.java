package io.sagaz.migrations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page of docs: its blocks of SQL, by name, and its tables. */
final class Guide {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern BLOCK =
            Pattern.compile("^```sql name=(\\S+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private final String text;
    private final Map<String, String> blocks = new LinkedHashMap<>();

    private Guide(String text, String schema) {
        this.text = text;
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            blocks.put(block.group(1), block.group(2).replace("public.", schema + "."));
        }
    }

    static Guide read(String page) {
        return ofSchema(page, "public");
    }

    /** As somebody reads it whose Sagaz has a schema of its own. */
    static Guide ofSchema(String page, String schema) {
        try {
            return new Guide(Files.readString(DOCS.resolve(page)), schema);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text() {
        return text;
    }

    List<String> names() {
        return List.copyOf(blocks.keySet());
    }

    String block(String name) {
        return Objects.requireNonNull(blocks.get(name), name);
    }

    /** Runs blocks as psql would: a failure leaves nothing open. */
    void run(Connection connection, String... names) throws SQLException {
        for (String name : names) {
            try {
                Sql.run(connection, block(name));
            } catch (SQLException e) {
                Sql.run(connection, "ROLLBACK");
                throw e;
            }
        }
    }

    /** The cells of the table with this first heading, a list for each row. */
    List<List<String>> table(String heading) {
        List<List<String>> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : text.lines().toList()) {
            List<String> cells = line.startsWith("|")
                    ? Arrays.stream(line.substring(1).split("\\|", -1))
                            .map(String::strip)
                            .toList()
                    : List.of();
            if (inside && cells.isEmpty()) {
                return rows;
            }
            if (inside && !cells.get(0).startsWith("---")) {
                rows.add(cells);
            }
            inside |= !cells.isEmpty() && cells.get(0).equals(heading);
        }
        throw new IllegalStateException("No table " + heading);
    }
}
