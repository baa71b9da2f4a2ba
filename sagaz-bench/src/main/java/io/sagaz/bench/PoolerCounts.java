package io.sagaz.bench;

import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * How many statements the poolers have passed on, as they count them themselves.
 *
 * @param reads to the replicas, by PgBouncer-RO
 * @param writes to the primary, by PgBouncer-RW
 */
public record PoolerCounts(long reads, long writes) {
    /** The driver takes the console for a server that is too old, and warns of it each time. Kept, so that it stays set. */
    private static final Logger DRIVER = Logger.getLogger("org.postgresql.jdbc.PgConnection");

    static PoolerCounts of(Topology topology) throws SQLException {
        return new PoolerCounts(count(topology, topology.roUrl()), count(topology, topology.rwUrl()));
    }

    /** What came between an earlier count and this one. */
    public PoolerCounts since(PoolerCounts before) {
        return new PoolerCounts(reads - before.reads, writes - before.writes);
    }

    private static long count(Topology topology, String url) throws SQLException {
        DRIVER.setLevel(Level.SEVERE);
        String console = url.substring(0, url.lastIndexOf('/')) + "/pgbouncer?preferQueryMode=simple&replication=false";
        try (Connection connection = topology.connect(console, topology.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW STATS_TOTALS")) {
            while (row.next()) {
                if (row.getString("database").equals(topology.database())) {
                    return row.getLong("query_count");
                }
            }
        }
        return 0; // Nobody has come through it yet.
    }
}
