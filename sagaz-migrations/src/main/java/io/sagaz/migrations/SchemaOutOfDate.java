package io.sagaz.migrations;

/**
 * The schema does not fit this library: it is missing, too old, made by a newer library that changed it incompatibly, or
 * lacks partitions without which writes fail.
 */
@SuppressWarnings("serial") // Exceptions are not meant to be serialised.
public final class SchemaOutOfDate extends MigrationException {
    /**
     * With what to do.
     *
     * @param message what does not fit, and what helps
     */
    public SchemaOutOfDate(String message) {
        super(message);
    }
}
