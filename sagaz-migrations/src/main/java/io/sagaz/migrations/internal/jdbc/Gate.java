package io.sagaz.migrations.internal.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one instance in at a time, for one purpose. It is an advisory lock, so that one who dies leaves it; nobody waits in
 * the database: whoever does not get it comes again. Not thread-safe.
 *
 * <p>Held by a transaction, it works behind transaction pooling; that transaction is idle, has no snapshot and no
 * transaction id, and holds up nothing. Held by a session, which must be ours alone, it stays where the work is done, for as
 * long as the server works there, also when we are gone.
 */
public final class Gate {
    private static final Logger log = LoggerFactory.getLogger(Gate.class);

    /** What is done behind a gate; {@code sagaz_lock_key} of the schema gives the same key. */
    public enum Purpose {
        /** Migrating. */
        MIGRATIONS("io.sagaz.migrations:"),
        /** Taking old partitions away. */
        MAINTENANCE("io.sagaz.maintenance:");

        private final String prefix;

        Purpose(String prefix) {
            this.prefix = prefix;
        }
    }

    private static final String KEY = "hashtextextended(?::text, 0)";
    private static final String TRY = "SELECT pg_try_advisory_xact_lock(" + KEY + ")";
    private static final String TRY_FOR_SESSION = "SELECT pg_try_advisory_lock(" + KEY + ")";
    private static final String LEAVE_OF_SESSION = "SELECT pg_advisory_unlock(" + KEY + ")";
    private static final String STAY = "SET LOCAL idle_in_transaction_session_timeout = 0";
    private static final String HOLDER = """
            SELECT 'backend ' || a.pid || ' of ' || coalesce(nullif(a.application_name, ''), 'an unnamed application')
                || coalesce(' at ' || host(a.client_addr), '')
                || coalesce(', since ' || coalesce(a.xact_start, a.backend_start), '')
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (l.classid::bigint << 32) | l.objid::bigint = %s
            """.formatted(KEY);

    private final Connection connection;
    private final String key;

    /** A gate of a schema, on a connection that is used for nothing else between entering and leaving. */
    public Gate(Connection connection, Purpose purpose, String schema) {
        this.connection = connection;
        this.key = purpose.prefix + schema;
    }

    /** Returns at once. When true, {@link #leave()} must follow. */
    public boolean tryEnter() throws SQLException {
        connection.setAutoCommit(false);
        boolean entered = false;
        try {
            entered = ask(TRY);
            if (entered) {
                try (Statement stay = connection.createStatement()) {
                    stay.execute(STAY);
                }
            }
        } finally {
            if (!entered) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        return entered;
    }

    /** The work is done or has failed by now, so that losing the connection changes nothing. */
    public void leave() {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            log.info("The connection that held the gate was lost: {}", e.getMessage());
        }
    }

    /**
     * Enters with the session of the connection, on which the work may then be done. Returns at once. When true, {@link
     * #leaveOfSession()} must follow.
     */
    public boolean tryEnterForSession() throws SQLException {
        return ask(TRY_FOR_SESSION);
    }

    /** Leaves. If the connection is lost, the session has left, or does when the server is done with it. */
    public void leaveOfSession() {
        try {
            ask(LEAVE_OF_SESSION);
        } catch (SQLException e) {
            log.info("The connection that held the gate was lost: {}", e.getMessage());
        }
    }

    private boolean ask(String question) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(question)) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Who is inside, for people. */
    public String holder() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(HOLDER)) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : "it has just ended";
            }
        }
    }
}
