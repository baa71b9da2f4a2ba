package io.sagaz.storage.postgres.internal.sql;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The schema that holds the tables. Statements name it, so that no {@code search_path}, which behind transaction pooling
 * may be another client's, decides which table is meant.
 *
 * @param name a plain identifier that needs no quotes
 */
public record Schema(String name) {
    private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]{0,40}");

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if it is not a plain identifier
     */
    public Schema {
        if (!isIdentifier(name)) {
            throw new IllegalArgumentException("RoutingSagaStore.schema must match " + IDENTIFIER + " but is " + name);
        }
    }

    private static boolean isIdentifier(@Nullable String name) {
        return name != null && IDENTIFIER.matcher(name).matches();
    }

    /** The statement with {@code {schema}} replaced. */
    String in(String sql) {
        return sql.replace("{schema}", name);
    }
}
