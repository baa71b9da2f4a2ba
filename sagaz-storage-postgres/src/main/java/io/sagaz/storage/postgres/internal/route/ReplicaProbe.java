package io.sagaz.storage.postgres.internal.route;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server behind a connection of the read pool who it is and how far. A server in good health answers at once; a
 * connection on which it does not is not used again.
 */
final class ReplicaProbe {
    /** How long a server may take to answer. */
    private static final int LIMIT_MILLIS = 1_000;

    /**
     * The timeline is one that the standby is known to follow, and may be later than it is told: what is written down with its
     * restart points, and what it receives, which is shown only to members of pg_read_all_stats.
     */
    private static final String PROGRESS = """
            pg_is_in_recovery() AS standby, coalesce(pg_last_wal_replay_lsn(), '0/0')::text AS replayed,
                   greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                            (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
                            (SELECT max(received_tli) FROM pg_stat_wal_receiver)) AS timeline,
                   (SELECT system_identifier FROM pg_control_system()) AS system_identifier
            """;

    private static final String IDENTIFY = "SELECT " + PROGRESS + """
                 ,
                   coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port(), 0) AS server,
                   pg_postmaster_start_time() AS started_at
            """;

    private static final String POSITION = "SELECT " + PROGRESS;

    private static final String SHOWN = POSITION + ", pg_snapshot_xmax(pg_current_snapshot())::text AS below";

    /**
     * Who a server is.
     *
     * @param state how far it is; null if it is no standby
     */
    record Identity(ServerId id, @Nullable ReplicaState state) {}

    /**
     * What a replica has shown.
     *
     * @param state how far it is
     * @param below the transactions that it can have shown have lower numbers
     */
    record Shown(ReplicaState state, long below) {}

    private ReplicaProbe() {}

    /** Whether a question that failed after so long was not answered, rather than refused at once. */
    static boolean isSilence(long tookNanos) {
        return tookNanos >= LIMIT_MILLIS * 500_000L;
    }

    /** Who the server is, and how far. */
    static Identity identify(Connection connection) throws SQLException {
        return ask(
                connection,
                IDENTIFY,
                row -> new Identity(
                        new ServerId(
                                row.getString("server"),
                                row.getObject("started_at", OffsetDateTime.class)
                                        .toInstant()),
                        state(row)));
    }

    /** How far the server is; null if it is no standby any more. */
    static @Nullable ReplicaState position(Connection connection) throws SQLException {
        return ask(connection, POSITION, row -> Optional.ofNullable(state(row))).orElse(null);
    }

    /** What the server can have shown to reads before this; empty if it is no standby any more. */
    static Optional<Shown> shown(Connection connection) throws SQLException {
        return ask(connection, SHOWN, row -> {
            ReplicaState state = state(row);
            return state == null
                    ? Optional.<Shown>empty()
                    : Optional.of(new Shown(state, Long.parseLong(row.getString("below"))));
        });
    }

    /**
     * Leaves a connection in a transaction. PgBouncer gives up a server's connection whose client goes away in the middle of one; an
     * idle one it would hand out again, before it opens another.
     */
    static void beginTransaction(Connection connection) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, LIMIT_MILLIS);
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
        }
    }

    private static @Nullable ReplicaState state(ResultSet row) throws SQLException {
        return row.getBoolean("standby")
                ? new ReplicaState(
                        Lsn.parse(row.getString("replayed")),
                        new History(row.getLong("system_identifier"), row.getInt("timeline")),
                        System.nanoTime())
                : null;
    }

    /** Reads the one row that a question gives. */
    @FunctionalInterface
    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static <T> T ask(Connection connection, String question, RowReader<T> reader) throws SQLException {
        int patience = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, LIMIT_MILLIS);
        try (PreparedStatement statement = connection.prepareStatement(question);
                ResultSet row = statement.executeQuery()) {
            row.next();
            T answer = reader.read(row);
            connection.setNetworkTimeout(Runnable::run, patience);
            return answer;
        }
    }
}
