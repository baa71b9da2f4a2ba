package io.sagaz.storage.postgres;

import io.sagaz.storage.SagaId;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the tests stand on: one topology for all of them, and a schema of its own for each that asks. Its shutdown hook
 * closes it.
 */
final class Stand {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static @Nullable Topology topology;

    private Stand() {}

    static synchronized Topology topology() {
        if (topology == null) {
            topology = Topology.builder().replicas(2).start();
            onlyWhatTheStoreGrants(topology);
        }
        return topology;
    }

    /** The testkit lets its roles use what the owner makes; here they have what the store gives them and no more. */
    private static void onlyWhatTheStoreGrants(Topology topology) {
        run(
                topology.primaryUrl(),
                topology.owner(),
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM sagaz_app, sagaz_reader",
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM sagaz_app, sagaz_reader",
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM sagaz_app, sagaz_reader, PUBLIC",
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM sagaz_app, sagaz_reader");
    }

    /** A store in a schema of its own. */
    static RoutingSagaStore store() {
        return builder(newSchema()).build();
    }

    /** The name of a schema that is not there yet; the store makes it, and lets its roles use it. */
    static String newSchema() {
        return "s" + SCHEMAS.incrementAndGet();
    }

    /** A schema with tables of the service's own, which the application may use. */
    static String newSchemaWith(String... tables) {
        String schema = newSchema();
        Topology t = topology();
        run(
                t.primaryUrl(),
                t.owner(),
                "CREATE SCHEMA " + schema,
                "GRANT USAGE ON SCHEMA " + schema + " TO " + t.app().user());
        for (String table : tables) {
            addTable(schema, table);
        }
        return schema;
    }

    /** One more table of the service's own. */
    static void addTable(String schema, String table) {
        Topology t = topology();
        run(
                t.primaryUrl(),
                t.owner(),
                "CREATE TABLE " + schema + '.' + table,
                "GRANT ALL ON TABLE " + schema + '.' + table.substring(0, table.indexOf(' ')) + " TO "
                        + t.app().user());
    }

    static RoutingSagaStore.Builder builder(String schema) {
        return RoutingSagaStore.builder()
                .write(write())
                .read(read())
                .direct(direct())
                .schema(schema);
    }

    /** A store that reads from several places. */
    static RoutingSagaStore.Builder builder(String schema, PoolConfig read, PoolConfig... more) {
        return RoutingSagaStore.builder()
                .write(write())
                .read(read, more)
                .direct(direct())
                .schema(schema);
    }

    /** A store on a topology of a test's own, in the schema public. */
    static RoutingSagaStore.Builder on(Topology own) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(own.rwUrl(), own.app().user(), own.app().password()))
                .read(PoolConfig.of(
                        own.roUrl(), own.reader().user(), own.reader().password()))
                .direct(PoolConfig.of(
                        own.primaryUrl(), own.owner().user(), own.owner().password()));
    }

    /** A store like the others, with another way for its reads. */
    static RoutingSagaStore.Builder reading(PoolConfig read) {
        return RoutingSagaStore.builder()
                .write(write())
                .read(read)
                .direct(direct())
                .schema(newSchema());
    }

    static PoolConfig write() {
        Topology t = topology();
        return PoolConfig.of(t.rwUrl(), t.app().user(), t.app().password());
    }

    static PoolConfig read() {
        Topology t = topology();
        return PoolConfig.of(t.roUrl(), t.reader().user(), t.reader().password());
    }

    static PoolConfig direct() {
        Topology t = topology();
        return PoolConfig.of(t.primaryUrl(), t.owner().user(), t.owner().password());
    }

    static Connection asOwner() throws SQLException {
        return topology().connect(topology().primaryUrl(), topology().owner());
    }

    static long count(String query) throws SQLException {
        try (Connection connection = asOwner();
                PreparedStatement statement = connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    static List<String> texts(String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = asOwner();
                PreparedStatement statement = connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }

    /** What the database has of a saga: {@code version 2, 2 entries, 1 events}. */
    static String held(String schema, SagaId id) throws SQLException {
        return texts("SELECT format('version %s, %s entries, %s events', version,"
                        + " (SELECT count(*) FROM " + schema + ".saga_audit_log a WHERE a.saga_id = e.saga_id),"
                        + " (SELECT count(*) FROM " + schema + ".saga_outbox o WHERE o.saga_id = e.saga_id))"
                        + " FROM " + schema + ".saga_executions e WHERE saga_id = '" + id + "'")
                .get(0);
    }

    static void run(String url, Credentials as, String... statements) {
        try (Connection connection = topology().connect(url, as)) {
            for (String sql : statements) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    statement.execute();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
