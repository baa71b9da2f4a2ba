package io.sagaz.bench.reads.year;

import io.sagaz.bench.Stage;
import io.sagaz.bench.report.Words;
import io.sagaz.migrations.SagazMigrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the tables of a year, and fills them: sagas spread evenly over twelve months, the oldest first, the same in each {@link
 * Layout}. What triggers would complete is completed here, and they do not fire, which takes a fraction of the time.
 */
final class YearTables {
    /** Twelve months, and no more than there are partitions for. */
    private static final Duration SPAN = Duration.ofDays(365);

    private static final int CHUNK = 250_000;

    /** What partitions of saga_executions and others have, by name of their table. */
    private static final List<String> TABLES =
            List.of("saga_executions", "saga_steps", "saga_audit_log", "saga_outbox");

    /** The n-th saga, of which everything follows from n and the time of the youngest. */
    private static final String SAGAS = """
            SELECT n, at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8'
                       || substr(hash, 4, 15))::uuid AS id,
                   'saga-' || n %% 20 AS name, hash, seconds * interval '1 second' AS took,
                   CASE WHEN n * 7919 %% 1000 >= 995 AND n > %3$d THEN 'RUNNING'
                        WHEN n * 7919 %% 1000 < 970 THEN 'SUCCESS'
                        WHEN n * 7919 %% 1000 < 990 THEN 'FAILED'
                        ELSE 'COMPENSATED' END AS status
              FROM (SELECT n, md5(n::text) AS hash,
                           date_trunc('milliseconds', '%1$s'::timestamptz - (%2$d - n) * %4$s * interval '1 second') AS at,
                           round((0.5 + 60 * power(n * 7907 %% 1000 / 1000.0, 4))::numeric, 3)::float8 AS seconds
                      FROM generate_series(%5$d::bigint, %6$d::bigint) n) numbers
            """;

    private static final String FILL_SAGAS = """
            INSERT INTO {schema}.saga_executions (saga_id, created_at, version, updated_at, completed_at, saga_name, status,
                   unfinished, outcome, idempotency_key, context)
            SELECT id, at, 4, at + took, CASE WHEN status <> 'RUNNING' THEN at + took END, name, status,
                   status = 'RUNNING', CASE WHEN status IN ('FAILED', 'COMPENSATED') THEN status END, 'key-' || n,
                   jsonb_build_object('order', n, 'customer', hash, 'amount', n %% 1000, 'currency', 'EUR')
              FROM ({sagas}) saga
            """;
    private static final String FILL_KEYS = """
            INSERT INTO {schema}.saga_idempotency_keys (saga_name, idempotency_key, saga_id, created_at)
            SELECT name, 'key-' || n, id, at FROM ({sagas}) saga
            """;
    private static final String FILL_STEPS = """
            INSERT INTO {schema}.saga_steps (saga_id, created_at, started_at, completed_at, step_index, step_name, status, output)
            SELECT id, at, at + took * (place - 1) / 3, at + took * place / 3, place - 1, step,
                   CASE WHEN status = 'FAILED' AND place = 3 THEN 'FAILED' ELSE 'SUCCESS' END, '{"confirmation": "c81e728d"}'
              FROM ({sagas}) saga, unnest(ARRAY['reserve', 'charge', 'ship']) WITH ORDINALITY AS steps (step, place)
            """;
    private static final String FILL_AUDIT = """
            INSERT INTO {schema}.saga_audit_log (entry_id, created_at, saga_id, saga_version, event_type, event_data)
            SELECT (substr(id::text, 1, 15) || substr(gen_random_uuid()::text, 16))::uuid, at, id, version,
                   CASE version WHEN 1 THEN 'SAGA_STARTED' ELSE 'SAGA_CHANGED' END, '{"status": "RUNNING"}'
              FROM ({sagas}) saga, generate_series(1, 4) version
            """;
    private static final String FILL_EVENTS = """
            INSERT INTO {schema}.saga_outbox (event_id, created_at, saga_id, shard, topic, event_type, payload)
            SELECT (substr(id::text, 1, 15) || substr(gen_random_uuid()::text, 16))::uuid, at, id,
                   hashtextextended(id::text, 0) & 63, 'orders', 'changed', jsonb_build_object('order', n)
              FROM ({sagas}) saga, generate_series(1, 2) event
             WHERE at > now() - interval '29 days'
            """;

    private final Stage stage;
    private final YearSizes sizes;
    private final AtomicLong done = new AtomicLong();

    YearTables(Stage stage, YearSizes sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    /** Makes and fills all, and gives the time of the youngest saga. */
    Instant make() throws SQLException, InterruptedException {
        stage.progress().step("Making the tables of a year, on many partitions and on one");
        stage.administer("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()");
        makePartitions();
        makeOne();
        Instant newest = Instant.parse(
                stage.ask("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"));
        stage.progress().step("Filling them with " + Words.count(sizes.sagas()) + " sagas each");
        fill(newest);
        for (Layout layout : Layout.values()) {
            stage.progress().step("Vacuuming: " + layout.title());
            for (String table : TABLES) {
                stage.administer("VACUUM (ANALYZE) " + layout.schema() + "." + table);
            }
            stage.administer("VACUUM (ANALYZE) " + layout.schema() + ".saga_idempotency_keys");
        }
        stage.administer("CHECKPOINT");
        return newest;
    }

    private void makePartitions() throws SQLException {
        SagazMigrations.of(stage.asOwner(Layout.PARTITIONED.schema())).migrate();
        stage.administer(
                "TRUNCATE saga_executions, saga_steps, saga_audit_log, saga_outbox, saga_idempotency_keys CASCADE");
        asOwner(
                """
                SELECT create_saga_executions_partition(month), create_saga_audit_log_partition(month)
                  FROM (SELECT (now() AT TIME ZONE 'UTC' - n * interval '1 month')::date AS month
                          FROM generate_series(1, 12) n) months
                """,
                "SELECT create_saga_outbox_partition((now() AT TIME ZONE 'UTC')::date - n) FROM generate_series(1, 30) n");
    }

    private void makeOne() throws SQLException {
        SagazMigrations.of(stage.asOwner(Layout.ONE.schema())).migrate();
        List<String> statements = new ArrayList<>();
        for (String table : TABLES) {
            statements.add("""
                    DO $$ DECLARE part regclass; BEGIN
                        FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '%1$s.%2$s'::regclass LOOP
                            EXECUTE 'DROP TABLE ' || part;
                        END LOOP;
                        EXECUTE 'CREATE TABLE %1$s.%2$s_all PARTITION OF %1$s.%2$s FOR VALUES FROM (MINVALUE) TO (MAXVALUE)'
                            || coalesce((SELECT ' WITH (' || array_to_string(reloptions, ', ') || ')' FROM pg_class
                                WHERE oid = (SELECT min(inhrelid::oid::bigint)::oid FROM pg_inherits
                                              WHERE inhparent = 'public.%2$s'::regclass)), '');
                    END $$
                    """.formatted(Layout.ONE.schema(), table));
        }
        asOwner(statements.toArray(String[]::new));
    }

    private void asOwner(String... statements) throws SQLException {
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A thread for each. */
    private void fill(Instant newest) throws SQLException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(Layout.values().length);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (Layout layout : Layout.values()) {
                Callable<Void> work = () -> {
                    fill(layout, newest);
                    return null;
                };
                running.add(threads.submit(work));
            }
            for (Future<Void> one : running) {
                one.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new IllegalStateException("Tables could not be filled", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private void fill(Layout layout, Instant newest) throws SQLException {
        long detailedFrom = Math.max(1, sizes.sagas() - sizes.detailed() + 1);
        for (long from = 1; from <= sizes.sagas(); from += CHUNK) {
            long to = Math.min(sizes.sagas(), from + CHUNK - 1);
            load(layout, newest, from, to, List.of(FILL_SAGAS));
            if (to >= detailedFrom) {
                load(
                        layout,
                        newest,
                        Math.max(from, detailedFrom),
                        to,
                        List.of(FILL_KEYS, FILL_STEPS, FILL_AUDIT, FILL_EVENTS));
            }
            stage.progress().at("saga", done.addAndGet(to - from + 1) / Layout.values().length, sizes.sagas());
        }
    }

    private void load(Layout layout, Instant newest, long from, long to, List<String> fills) throws SQLException {
        double secondsApart = (double) SPAN.toSeconds() / sizes.sagas();
        String sagas =
                SAGAS.formatted(newest, sizes.sagas(), sizes.sagas() - sizes.sagas() / 200, secondsApart, from, to);
        List<String> statements = new ArrayList<>(List.of(
                "SET session_replication_role = replica", "SET synchronous_commit = off", "SET timezone = 'UTC'"));
        for (String fill : fills) {
            statements.add(
                    fill.replace("%%", "%").replace("{schema}", layout.schema()).replace("{sagas}", sagas));
        }
        stage.administer(statements.toArray(String[]::new));
    }
}
