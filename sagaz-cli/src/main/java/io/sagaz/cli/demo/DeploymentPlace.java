package io.sagaz.cli.demo;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.init.Deployed;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Sources;
import io.sagaz.testkit.TopologyException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Consumer;

/** A deployment that {@code sagaz init} has made: the demo has a schema of its own in it, which goes when the demo ends. */
final class DeploymentPlace implements Place {
    private static final String SCHEMA = "sagaz_demo";
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Deployed deployed;
    private final Sources sources;
    private final Duration startedIn;

    private DeploymentPlace(Deployed deployed, Sources sources, Duration startedIn) {
        this.deployed = deployed;
        this.sources = sources;
        this.startedIn = startedIn;
    }

    /**
     * Makes the schema, anew if it is there.
     *
     * @param words is told what takes long
     * @throws CommandFailedException if the deployment does not answer
     */
    static DeploymentPlace open(Deployed deployed, Consumer<String> words) throws SQLException, InterruptedException {
        long begin = System.nanoTime();
        Entrance.to(deployed).await(words);
        try (Connection owner = connect(deployed.primary(), deployed.owner());
                Statement statement = owner.createStatement()) {
            statement.execute("SET client_min_messages = warning");
            statement.execute("DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE");
            statement.execute("CREATE SCHEMA " + SCHEMA);
            statement.execute("GRANT USAGE ON SCHEMA " + SCHEMA + " TO "
                    + deployed.app().user() + ", " + deployed.reader().user());
            return new DeploymentPlace(deployed, sources(owner), Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private static Sources sources(Connection owner) throws SQLException {
        return new Sources(owner.getMetaData().getDatabaseProductVersion(), "a deployment", "(not asked)");
    }

    @Override
    public RoutingSagaStore openStore() {
        return RoutingSagaStore.builder()
                .write(pool(deployed.rw(), deployed.app()).maximumSize(8))
                .read(pool(deployed.ro(), deployed.reader()).maximumSize(4))
                .direct(pool(deployed.primary(), deployed.owner()).maximumSize(2))
                .schema(SCHEMA)
                .build();
    }

    private static PoolConfig pool(String url, Deployed.Login login) {
        return PoolConfig.of(url, login.user(), login.password());
    }

    @Override
    public Connection owner() throws SQLException {
        return connect(inSchema(deployed.primary()), deployed.owner());
    }

    @Override
    public Connection replica(int index) throws SQLException {
        return connect(inSchema(deployed.replicas().get(index)), deployed.reader());
    }

    private static String inSchema(String url) {
        return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + SCHEMA;
    }

    private static Connection connect(String url, Deployed.Login login) throws SQLException {
        return DriverManager.getConnection(url, login.user(), login.password());
    }

    @Override
    public ShopTables shop() {
        return new ShopTables(SCHEMA, deployed.app().user(), deployed.reader().user());
    }

    @Override
    public int replicas() {
        return deployed.replicas().size();
    }

    @Override
    public boolean canPause() {
        return false;
    }

    @Override
    public void pause() {
        throw new IllegalStateException("Replay is not paused in a deployment");
    }

    @Override
    public void resume() {
        throw new IllegalStateException("Replay is not paused in a deployment");
    }

    @Override
    public void awaitReplicas(Duration atMost) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        try (Connection owner = owner()) {
            String position = value(owner, "SELECT pg_current_wal_insert_lsn()");
            for (int i = 0; i < replicas(); i++) {
                try (Connection replica = replica(i)) {
                    while (!hasReplayed(replica, position)) {
                        if (System.nanoTime() > deadline) {
                            throw new TopologyException(
                                    "replica-" + (i + 1) + " has not caught up within " + atMost.toSeconds() + " s");
                        }
                        Thread.sleep(BETWEEN_LOOKS.toMillis());
                    }
                }
            }
        }
    }

    private static boolean hasReplayed(Connection replica, String position) throws SQLException {
        try (PreparedStatement statement = replica.prepareStatement("SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn")) {
            statement.setString(1, position);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    @Override
    public Sources sources() {
        return sources;
    }

    @Override
    public Duration startedIn() {
        return startedIn;
    }

    /** Drops the schema. */
    @Override
    public void close() {
        try (Connection owner = owner();
                Statement statement = owner.createStatement()) {
            statement.execute("SET client_min_messages = warning");
            statement.execute("DROP SCHEMA " + SCHEMA + " CASCADE");
        } catch (SQLException e) {
            throw new TopologyException(
                    "The demo's schema is still there: drop " + SCHEMA + " as "
                            + deployed.owner().user() + ": " + e.getMessage(),
                    e);
        }
    }
}
