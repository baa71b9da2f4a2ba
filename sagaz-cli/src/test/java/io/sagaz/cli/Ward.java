package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A topology as an operator would have it: durable, bounded, migrated, with a role that may look at everything. Whoever starts
 * it closes it.
 */
public final class Ward implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private final Topology topology;

    private Ward(Topology topology) {
        this.topology = topology;
    }

    /** Starts one. */
    public static Ward start(Topology.Builder builder) throws SQLException {
        Ward ward = new Ward(builder.durable(true).start());
        ward.onEachServer(
                "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'",
                "ALTER SYSTEM SET idle_in_transaction_session_timeout = '10min'",
                "SELECT pg_reload_conf()");
        assertThat(ward.asOwner().run("migrate", "--writer", "sagaz_app", "--reader", "sagaz_reader"))
                .extracting(CliRun::status)
                .isEqualTo(0);
        ward.superuser("GRANT pg_monitor TO sagaz_app");
        ward.topology.awaitReplicas(DEADLINE);
        ward.keepPreparedStatementsApart();
        return ward;
    }

    /** Has PgBouncer-RW do so, if it can, as it did before its configuration was read again. */
    public void keepPreparedStatementsApart() throws SQLException {
        if (canKeepPreparedStatementsApart()) {
            command(topology.rwUrl(), "SET max_prepared_statements = 200");
        }
    }

    /** Whether the poolers are of 1.21 or later. */
    public boolean canKeepPreparedStatementsApart() {
        String[] version = topology.sources().pgbouncerVersion().split("\\.", -1);
        return Integer.parseInt(version[0]) > 1 || Integer.parseInt(version[1]) >= 21;
    }

    /** The topology. */
    public Topology topology() {
        return topology;
    }

    /** With all ways, as a service that may look at everything. */
    public CliRun.Place asService() {
        return as(topology.app());
    }

    /** With all ways, as the owner of the tables. */
    public CliRun.Place asOwner() {
        return as(topology.owner());
    }

    /** With all ways, as somebody. */
    public CliRun.Place as(Credentials role) {
        Map<String, String> environment = new HashMap<>();
        environment.put("SAGAZ_STORAGE_URL", topology.rwUrl());
        environment.put("SAGAZ_ANALYTICS_URL", topology.roUrl());
        environment.put("SAGAZ_PRIMARY_URL", topology.primaryUrl());
        environment.put(
                "SAGAZ_REPLICA_URLS",
                IntStream.range(0, topology.replicas())
                        .mapToObj(topology::replicaUrl)
                        .collect(Collectors.joining(" ")));
        environment.put("SAGAZ_PGBOUNCER_URLS", console(topology.rwUrl()) + " " + console(topology.roUrl()));
        environment.put("SAGAZ_DB_USER", role.user());
        environment.put("SAGAZ_DB_PASSWORD", role.password());
        environment.put("SAGAZ_PGBOUNCER_USER", topology.superuser().user());
        environment.put("SAGAZ_PGBOUNCER_PASSWORD", topology.superuser().password());
        return CliRun.in(environment);
    }

    /** The URL of the console of the pooler that a URL leads through. */
    public static String console(String url) {
        return url.replaceFirst("\\?.*", "").replaceFirst("/[^/]*$", "/pgbouncer");
    }

    /** Commands the console of the pooler that a URL leads through. */
    public void command(String url, String command) throws SQLException {
        try (Connection connection = topology.connect(
                        console(url) + "?preferQueryMode=simple&replication=false", topology.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    /** Executes on the primary, as the superuser. */
    public void superuser(String... statements) throws SQLException {
        execute(topology.primaryUrl(), topology.superuser(), statements);
    }

    /** Executes on the primary, as the owner. */
    public void owner(String... statements) throws SQLException {
        execute(topology.primaryUrl(), topology.owner(), statements);
    }

    private void onEachServer(String... statements) throws SQLException {
        superuser(statements);
        for (int i = 0; i < topology.replicas(); i++) {
            execute(topology.replicaUrl(i), topology.superuser(), statements);
        }
    }

    /** Executes somewhere, each statement by itself. */
    public void execute(String url, Credentials as, String... statements) throws SQLException {
        try (Connection connection = topology.connect(url, as);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column, on the primary as the superuser. */
    public List<String> values(String query) throws SQLException {
        return values(topology.primaryUrl(), query);
    }

    /** The first column, somewhere as the superuser. */
    public List<String> values(String url, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = topology.connect(url, topology.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    /** Waits until a query somewhere gives one value. */
    public void await(String url, String query, String value) throws SQLException {
        long end = System.nanoTime() + DEADLINE.toNanos();
        List<String> seen = values(url, query);
        while (!seen.equals(List.of(value))) {
            if (System.nanoTime() > end) {
                throw new AssertionError(query + " gives " + seen + " after " + DEADLINE + ", not " + value);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            seen = values(url, query);
        }
    }

    @Override
    public void close() {
        topology.close();
    }
}
