package io.sagaz.bench;

import io.sagaz.migrations.MigrationConfig;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Where a benchmark runs: servers of its own, and somebody who is told how far it is. Thread-safe.
 *
 * <p>No connection names prepared statements, as none of the library does.
 */
public final class Stage {
    private static final String UNPREPARED = "?prepareThreshold=0";
    private static final Duration CATCH_UP = Duration.ofMinutes(10);

    private final Topology topology;
    private final Progress progress;

    Stage(Topology topology, Progress progress) {
        this.topology = topology;
        this.progress = progress;
    }

    /** Whom to tell how far it is. */
    public Progress progress() {
        return progress;
    }

    /** A new connection of the owner of the tables to the primary itself; the caller closes it. */
    public Connection owner() throws SQLException {
        return topology.connect(topology.primaryUrl() + UNPREPARED, topology.owner());
    }

    /** A new connection of the dashboards to the primary itself; the caller closes it. */
    public Connection reader() throws SQLException {
        return topology.connect(topology.primaryUrl() + UNPREPARED, topology.reader());
    }

    /** A new connection of a service through PgBouncer-RW, as services write; the caller closes it. */
    public Connection service() throws SQLException {
        return topology.connect(topology.rwUrl(), topology.app());
    }

    /** How a service logs in to the primary itself, with whatever the driver does by itself. */
    public Login past() {
        return login(topology.primaryUrl(), topology.app());
    }

    /** How a service logs in through PgBouncer-RW, with {@code prepareThreshold=0}. */
    public Login through() {
        return login(topology.rwUrl(), topology.app());
    }

    /** How the owner of the tables logs in to the primary itself. */
    public Login pastAsOwner() {
        return login(topology.primaryUrl(), topology.owner());
    }

    private static Login login(String url, Credentials as) {
        return new Login(url, as.user(), as.password());
    }

    /** For the owner, past the pooler, in a schema; services and dashboards get the rights that they need. */
    public MigrationConfig asOwner(String schema) {
        return config(topology.primaryUrl(), topology.owner())
                .withSchema(schema)
                .withWriter(topology.app().user())
                .withReader(topology.reader().user());
    }

    /** For a service, through PgBouncer-RW, in a schema. */
    public MigrationConfig asService(String schema) {
        return config(topology.rwUrl(), topology.app()).withSchema(schema);
    }

    private static MigrationConfig config(String url, Credentials as) {
        return MigrationConfig.of(url, as.user(), as.password());
    }

    /** How a dashboard logs in to the replicas through PgBouncer-RO, with whatever the driver does by itself. */
    public Login reads() {
        return login(topology.roUrl(), topology.reader());
    }

    /** The replicas, and what can happen to them. */
    public ReplicaSet replicas() {
        return new ReplicaSet(topology);
    }

    /** What each pooler has passed on so far. */
    public PoolerCounts poolerCounts() throws SQLException {
        return PoolerCounts.of(topology);
    }

    /** Leaves the primary alone: a replica is another machine's work, and its disk's. */
    public void stopReplicas() throws SQLException {
        replicas().stop();
        administer(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active");
    }

    /** Executes statements on the primary as its superuser, each in a transaction of its own. */
    public void administer(String... statements) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The only value that a query gives on the primary to its superuser, as text. */
    public String ask(String query) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Has everything written to disk, and the replicas catch up: nobody is busy with the past afterwards. */
    public void settle() throws SQLException {
        topology.awaitReplicas(CATCH_UP);
        administer("CHECKPOINT");
    }
}
