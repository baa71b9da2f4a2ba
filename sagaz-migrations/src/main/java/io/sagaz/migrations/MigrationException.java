package io.sagaz.migrations;

import io.sagaz.migrations.internal.jdbc.SqlStates;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The schema could not be brought up to date, or be looked at. The message says what failed and what helps. */
@SuppressWarnings("serial") // Exceptions are not meant to be serialised.
public sealed class MigrationException extends RuntimeException permits SchemaOutOfDate {
    private final @Nullable String sqlState;

    /**
     * For what no other exception has caused.
     *
     * @param message what failed and what helps
     */
    public MigrationException(String message) {
        this(message, null);
    }

    /**
     * With the SQLState of the cause, if there is one.
     *
     * @param message what failed and what helps
     * @param cause why
     */
    public MigrationException(String message, @Nullable Throwable cause) {
        super(message, cause);
        sqlState = SqlStates.find(cause).orElse(null);
    }

    /**
     * Describes a failure with what the database said, its SQLState and a remedy.
     *
     * @param what what failed
     * @param cause why
     * @return an exception to throw
     */
    public static MigrationException of(String what, Throwable cause) {
        Optional<String> state = SqlStates.find(cause);
        StringBuilder message = new StringBuilder(what);
        SqlStates.firstIn(cause)
                .map(SQLException::getMessage)
                .or(() -> Optional.ofNullable(cause.getMessage()))
                .ifPresent(said -> message.append(": ").append(said));
        state.ifPresent(s -> message.append(" [SQLState ").append(s).append(']'));
        state.flatMap(SqlStates::remedy)
                .ifPresent(remedy -> message.append(". ").append(remedy));
        return new MigrationException(message.toString(), cause);
    }

    /**
     * What the database said.
     *
     * @return the SQLState, if the database or the driver caused this
     */
    public Optional<String> sqlState() {
        return Optional.ofNullable(sqlState);
    }
}
