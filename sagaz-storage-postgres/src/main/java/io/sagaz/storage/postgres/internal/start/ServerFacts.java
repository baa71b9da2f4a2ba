package io.sagaz.storage.postgres.internal.start;

import io.sagaz.storage.postgres.internal.route.WalGeometry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.postgresql.PGConnection;

/**
 * What a server says of itself.
 *
 * @param name address and port as the server sees them
 * @param version for example "15.18"
 * @param versionNumber for example 150018
 * @param readOnly whether it refuses writes
 * @param standby whether it is a standby
 * @param systemIdentifier which cluster it belongs to
 * @param pooled whether a pooler stands between: the driver was given another backend than the one that answers
 * @param isolation the isolation of transactions for which none is asked, for example "read committed"
 * @param clockAhead how far its clock is ahead of ours
 * @param wal what the staleness bound needs to know
 */
public record ServerFacts(
        String name,
        String version,
        int versionNumber,
        boolean readOnly,
        boolean standby,
        long systemIdentifier,
        boolean pooled,
        String isolation,
        Duration clockAhead,
        WalGeometry wal) {
    /** Asks for more than it needs, so that a right that is lacking for what is asked of replicas later shows at the start. */
    private static final String ASK = """
            SELECT coalesce(host(inet_server_addr()), 'local') || ':' || coalesce(inet_server_port(), 0) AS name,
                   current_setting('server_version') AS version,
                   current_setting('server_version_num')::int AS version_number,
                   current_setting('transaction_read_only')::bool AS read_only,
                   pg_is_in_recovery() AS standby,
                   (SELECT system_identifier FROM pg_control_system(), pg_control_checkpoint(), pg_control_recovery())
                       AS system_identifier,
                   pg_backend_pid() AS backend,
                   current_setting('default_transaction_isolation') AS isolation,
                   clock_timestamp() AS clock,
                   pg_size_bytes(current_setting('wal_segment_size')) AS wal_segment_size,
                   current_setting('wal_block_size')::bigint AS wal_block_size
            """;

    static ServerFacts ask(Connection connection) throws SQLException {
        Instant before = Instant.now();
        try (PreparedStatement statement = connection.prepareStatement(ASK);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new ServerFacts(
                    row.getString("name"),
                    row.getString("version"),
                    row.getInt("version_number"),
                    row.getBoolean("read_only"),
                    row.getBoolean("standby"),
                    row.getLong("system_identifier"),
                    row.getInt("backend")
                            != connection.unwrap(PGConnection.class).getBackendPID(),
                    row.getString("isolation"),
                    Duration.between(
                            before, row.getObject("clock", OffsetDateTime.class).toInstant()),
                    new WalGeometry(row.getLong("wal_segment_size"), row.getLong("wal_block_size")));
        }
    }
}
