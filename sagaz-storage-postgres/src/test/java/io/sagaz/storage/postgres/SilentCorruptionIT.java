package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Two clients, two statements that take the same parameters, a pooler in transaction mode, and a third client that
 * occupies a backend now and then: with numbered prepared statements rows land in the other one's table, acknowledged
 * and without an error. Once through the store, and once without its precaution, which shows that the test can fail.
 */
class SilentCorruptionIT {
    private static final int INSERTS = 200;

    /** One insert of a text, acknowledged. */
    private interface Insert {
        void run(String table, String value) throws SQLException;
    }

    @Test
    void throughTheStoreEveryRowLandsInItsTable() throws Exception {
        String schema = tables();
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            // Autocommit is what corrupts: it leaves the choice of the backend to each single statement.
            Insert insert = (table, value) -> store.inTransaction(tx -> {
                insert(tx.connection(), schema, table, value);
                return true;
            });
            race(store, insert, insert);
        }
        System.out.println(
                rows(schema, "ta") + " + " + rows(schema, "tb") + " rows, " + misplaced(schema) + " misplaced");
        assertThat(rows(schema, "ta") + rows(schema, "tb")).isEqualTo(2 * INSERTS);
        assertThat(misplaced(schema)).isZero();
    }

    @Test
    void throughAJoinedConnectionInAutocommitEveryRowLandsInItsTable() throws Exception {
        String schema = tables();
        try (RoutingSagaStore store = Stand.builder(schema).build();
                Connection a = client(Stand.topology().rwUrl());
                Connection b = client(Stand.topology().rwUrl())) {
            race(
                    store,
                    (table, value) -> insert(a, schema, table, value),
                    (table, value) -> insert(b, schema, table, value));
        }
        System.out.println(
                rows(schema, "ta") + " + " + rows(schema, "tb") + " rows, " + misplaced(schema) + " misplaced");
        assertThat(rows(schema, "ta") + rows(schema, "tb")).isEqualTo(2 * INSERTS);
        assertThat(misplaced(schema)).isZero();
    }

    @Test
    void withoutThePrecautionRowsAreMisplacedOrErrorsAppear() throws Exception {
        String schema = tables();
        String numbered = Stand.topology().rwUrl().replace("prepareThreshold=0", "prepareThreshold=1");
        AtomicBoolean error = new AtomicBoolean();
        try (RoutingSagaStore store = Stand.builder(schema).build();
                Connection a = client(numbered);
                Connection b = client(numbered)) {
            race(store, tolerant(a, schema, error), tolerant(b, schema, error));
        }
        System.out.println("without the precaution: " + misplaced(schema) + " rows misplaced, "
                + (2 * INSERTS - rows(schema, "ta") - rows(schema, "tb")) + " refused, of " + 2 * INSERTS);
        assertThat(misplaced(schema) > 0 || error.get()).isTrue();
    }

    private static Insert tolerant(Connection connection, String schema, AtomicBoolean error) {
        return (table, value) -> {
            try {
                insert(connection, schema, table, value);
            } catch (SQLException e) {
                error.set(true);
            }
        };
    }

    /** Takes turns, so that the pooler has a choice of backends for each statement. */
    private static void race(RoutingSagaStore store, Insert first, Insert second) throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        System.out.println("seed " + seed);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> occupier = executor.submit(() -> {
                Random pauses = new Random(seed);
                while (!done.get()) {
                    store.inTransaction(tx -> {
                        try (PreparedStatement pause = tx.connection().prepareStatement("SELECT pg_sleep(?)")) {
                            pause.setDouble(1, pauses.nextDouble() / 500);
                            pause.execute();
                        }
                        return true;
                    });
                }
                return true;
            });
            for (int i = 0; i < INSERTS; i++) {
                if (random.nextBoolean()) {
                    first.run("ta", "a" + i);
                    second.run("tb", "b" + i);
                } else {
                    second.run("tb", "b" + i);
                    first.run("ta", "a" + i);
                }
            }
            done.set(true);
            occupier.get();
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
    }

    private static String tables() {
        return Stand.newSchemaWith("ta (v text)", "tb (v text)");
    }

    private static Connection client(String url) throws SQLException {
        return Stand.topology().connect(url, Stand.topology().app());
    }

    private static void insert(Connection connection, String schema, String table, String value) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO " + schema + "." + table + " (v) VALUES (?)")) {
            statement.setString(1, value);
            statement.executeUpdate();
        }
    }

    private static long rows(String schema, String table) throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + "." + table);
    }

    private static long misplaced(String schema) throws SQLException {
        return Stand.count("SELECT (SELECT count(*) FROM " + schema + ".ta WHERE v NOT LIKE 'a%')"
                + " + (SELECT count(*) FROM " + schema + ".tb WHERE v NOT LIKE 'b%')");
    }
}
