package io.sagaz.testkit.store;

import io.sagaz.storage.SagaStatus;
import io.sagaz.testkit.Credentials;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Has a database make the rows of a {@link SagaHistory}. */
final class HistoryWriter {
    /** So many sagas are a transaction. */
    private static final int CHUNK = 20_000;

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final int MOST_TRIES = 60;

    private static final int WRITERS = Math.min(4, Runtime.getRuntime().availableProcessors());

    private final SagaHistory history;
    private final String url;
    private final Credentials owner;
    private final String schema;

    HistoryWriter(SagaHistory history, String url, Credentials owner, String schema) {
        this.history = history;
        this.url = url;
        this.owner = owner;
        this.schema = '"' + schema.replace("\"", "\"\"") + '"';
    }

    /** Gives how many events there are. */
    long write() throws SQLException {
        Instant eventsFrom;
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            eventsFrom = eventsFrom(statement);
            makePartitions(statement, eventsFrom);
        }
        long events = fill(eventsFrom);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String table : List.of("saga_executions", "saga_steps", "saga_audit_log", "saga_outbox")) {
                statement.execute("ANALYZE " + schema + '.' + table);
            }
        }
        return events;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url, owner.user(), owner.password());
    }

    /** Since when the outbox keeps events. */
    private Instant eventsFrom(Statement statement) throws SQLException {
        String kept = "SELECT floor(extract(epoch FROM timestamptz '" + history.until()
                + "' - retention) * 1000)::bigint FROM " + schema
                + ".partition_settings WHERE table_name = 'saga_outbox' AND retention IS NOT NULL";
        try (ResultSet row = statement.executeQuery(kept)) {
            Instant from = row.next() ? Instant.ofEpochMilli(row.getLong(1)) : history.from();
            return from.isBefore(history.from()) ? history.from() : from;
        }
    }

    private void makePartitions(Statement statement, Instant eventsFrom) throws SQLException {
        LocalDate last = day(history.until());
        for (LocalDate month = day(history.from()).withDayOfMonth(1);
                !month.isAfter(last);
                month = month.plusMonths(1)) {
            makePartition(statement, "create_saga_executions_partition", month);
            makePartition(statement, "create_saga_audit_log_partition", month);
        }
        for (LocalDate day = day(eventsFrom); !day.isAfter(last); day = day.plusDays(1)) {
            makePartition(statement, "create_saga_outbox_partition", day);
        }
    }

    /** Tries again while somebody else is at the table, such as the maintenance of a store, for which it waits a second. */
    private void makePartition(Statement statement, String function, LocalDate day) throws SQLException {
        for (int tries = 1; ; tries++) {
            try {
                statement.execute("SELECT " + schema + '.' + function + "('" + day + "')");
                return;
            } catch (SQLException e) {
                if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState()) || tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static LocalDate day(Instant moment) {
        return LocalDate.ofInstant(moment, ZoneOffset.UTC);
    }

    private long fill(Instant eventsFrom) throws SQLException {
        AtomicInteger next = new AtomicInteger();
        Callable<Long> work = () -> fill(next, eventsFrom);
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<Long>> running = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                running.add(writers.submit(work));
            }
            long events = 0;
            for (Future<Long> writer : running) {
                events += writer.get();
            }
            return events;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted while writing a history of seed " + history.seed(), e);
        } catch (ExecutionException e) {
            throw new SQLException("A history of seed " + history.seed() + " was not written", e.getCause());
        } finally {
            writers.shutdownNow();
        }
    }

    /** Takes one chunk after the other until none is left. */
    private long fill(AtomicInteger next, Instant eventsFrom) throws SQLException {
        long events = 0;
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            try (Statement settings = connection.createStatement();
                    PreparedStatement fill = connection.prepareStatement(FILL.replace("{schema}", schema))) {
                bindWhatStays(connection, fill, eventsFrom);
                for (long from = (long) next.getAndIncrement() * CHUNK + 1;
                        from <= history.sagas();
                        from = (long) next.getAndIncrement() * CHUNK + 1) {
                    settings.execute("SET LOCAL synchronous_commit = off");
                    fill.setLong(1, from);
                    fill.setLong(2, Math.min(history.sagas(), from + CHUNK - 1));
                    events += fill.executeUpdate();
                    connection.commit();
                }
            }
        }
        return events;
    }

    private void bindWhatStays(Connection connection, PreparedStatement fill, Instant eventsFrom) throws SQLException {
        long all = history.sagas();
        long failed = history.count(SagaStatus.FAILED);
        fill.setLong(3, history.seed());
        fill.setLong(4, history.from().toEpochMilli());
        fill.setLong(5, history.lastStart().toEpochMilli());
        fill.setLong(6, all);
        fill.setLong(7, spreading(all));
        fill.setLong(8, Math.floorMod(history.seed(), all));
        fill.setLong(9, failed);
        fill.setLong(10, failed + history.count(SagaStatus.COMPENSATED));
        fill.setArray(11, texts(connection, history.sagaNames()));
        fill.setArray(12, texts(connection, history.stepNames()));
        fill.setArray(13, texts(connection, changes("SUCCESS", "FAILED")));
        fill.setArray(14, texts(connection, changes("COMPENSATED", "")));
        fill.setLong(15, eventsFrom.toEpochMilli());
    }

    private static Array texts(Connection connection, List<String> texts) throws SQLException {
        return connection.createArrayOf("text", texts.toArray());
    }

    /** Multiplied with it, the numbers up to a number are spread evenly over them, each going to another one. */
    static long spreading(long all) {
        long factor = Math.max(1, Math.round(all * 0.618033988749895));
        while (gcd(factor, all) != 1) {
            factor++;
        }
        return factor;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** What a change did to the steps, as the audit log says it: for each number of steps before the one that failed. */
    private List<String> changes(String before, String failed) {
        List<String> changes = new ArrayList<>();
        for (int number = 0; number <= history.stepNames().size(); number++) {
            List<String> members = history.stepNames().stream()
                    .limit(number)
                    .map(step -> quoted(step) + ": \"" + before + '"')
                    .collect(Collectors.toCollection(ArrayList::new));
            if (number < history.stepNames().size() && !failed.isEmpty()) {
                members.add(quoted(history.stepNames().get(number)) + ": \"" + failed + '"');
            }
            changes.add("{" + String.join(", ", members) + "}");
        }
        return changes;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** One statement fills the four tables. What the store writes with functions is written here as they would have. */
    private static final String FILL = """
            WITH settings AS (
                SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS seed, ?::bigint AS from_ms, ?::bigint AS to_ms,
                       ?::bigint AS sagas, ?::bigint AS factor, ?::bigint AS shift, ?::bigint AS failed, ?::bigint AS not_done,
                       ?::text[] AS names, ?::text[] AS steps, ?::text[]::jsonb[] AS forth, ?::text[]::jsonb[] AS back,
                       ?::bigint AS events_from),
            numbers AS (
                SELECT n, md5(seed || ':' || n) AS hash, (n * factor + shift) % sagas AS rank FROM settings,
                       generate_series(first, last) n),
            chances AS (
                SELECT n, hash, rank, ('x' || substr(hash, 19, 4))::bit(16)::int AS a,
                       ('x' || substr(hash, 23, 4))::bit(16)::int AS b, ('x' || substr(hash, 27, 4))::bit(16)::int AS c
                  FROM numbers),
            times AS (
                SELECT c.*, from_ms + ((n - 1 + a / 65536.0::float8) * (to_ms - from_ms) / sagas)::bigint AS ms,
                       50 + (power(b / 65536.0::float8, 6) * 60000)::bigint AS took,
                       CASE WHEN rank < failed THEN 'FAILED' WHEN rank < not_done THEN 'COMPENSATED' ELSE 'SUCCESS' END AS status
                  FROM chances c, settings),
            saga AS MATERIALIZED (
                SELECT n, hash, status, ms, took, to_timestamp(ms / 1000.0::float8)::timestamptz(3) AS at,
                       to_timestamp((ms + took) / 1000.0::float8)::timestamptz(3) AS ended,
                       CASE status WHEN 'COMPENSATED' THEN took / 2 ELSE took END AS forth_took,
                       CASE status WHEN 'SUCCESS' THEN cardinality(steps) ELSE c % cardinality(steps) END AS done,
                       names[1 + n % cardinality(names)] AS name,
                       '7' || substr(hash, 1, 2) AS digits, '8' || substr(hash, 3, 15) AS tail,
                       (lpad(to_hex(ms), 12, '0') || '70' || substr(hash, 1, 2) || '8' || substr(hash, 3, 15))::uuid AS id
                  FROM times, settings),
            executions AS (
                INSERT INTO {schema}.saga_executions (saga_id, created_at, version, updated_at, completed_at, saga_name, status,
                       unfinished, context, result, error)
                SELECT id, at, CASE status WHEN 'COMPENSATED' THEN 4 ELSE 3 END, ended, ended, name, status, false,
                       jsonb_build_object('number', n),
                       CASE status WHEN 'SUCCESS' THEN jsonb_build_object('reference', substr(hash, 1, 8)) END,
                       CASE WHEN status <> 'SUCCESS' THEN 'step ' || steps[done + 1] || ' was refused' END
                  FROM saga, settings ORDER BY n),
            filled_steps AS (
                INSERT INTO {schema}.saga_steps (saga_id, created_at, started_at, completed_at, step_index, step_name, status,
                       output, error)
                SELECT id, at,
                       CASE WHEN place - 1 <= done THEN at + forth_took * (place - 1) / (done + 1) * interval '1 ms' END,
                       CASE WHEN place - 1 < done AND saga.status = 'COMPENSATED' THEN ended
                            WHEN place - 1 <= done THEN at + forth_took * place / (done + 1) * interval '1 ms' END,
                       place - 1, step,
                       CASE WHEN place - 1 > done THEN 'PENDING'
                            WHEN place - 1 = done THEN 'FAILED'
                            WHEN saga.status = 'COMPENSATED' THEN 'COMPENSATED'
                            ELSE 'SUCCESS' END,
                       CASE WHEN place - 1 < done THEN jsonb_build_object('reference', substr(hash, 9, 8)) END,
                       CASE WHEN place - 1 = done THEN 'refused' END
                  FROM saga, settings, unnest(steps) WITH ORDINALITY AS step (step, place) ORDER BY n, place),
            changes AS (
                SELECT id, n, digits, tail, version, name, event_type, data,
                       CASE version WHEN 1 THEN ms WHEN 2 THEN ms + 1 WHEN 3 THEN ms + forth_took ELSE ms + took END AS ms
                  FROM saga, settings, LATERAL (VALUES
                       (1, 'SAGA_STARTED', jsonb_build_object('name', name)),
                       (2, 'SAGA_CHANGED', '{"status": "RUNNING", "steps": {}}'::jsonb),
                       (3, 'SAGA_CHANGED', jsonb_build_object('status',
                            CASE status WHEN 'COMPENSATED' THEN 'COMPENSATING' ELSE status END, 'steps', forth[done + 1])),
                       (4, 'SAGA_CHANGED', jsonb_build_object('status', status, 'steps', back[done + 1])))
                       AS change (version, event_type, data)
                 WHERE version < 4 OR status = 'COMPENSATED'),
            entries AS (
                INSERT INTO {schema}.saga_audit_log (entry_id, created_at, saga_id, saga_version, event_type, event_data)
                SELECT (lpad(to_hex(ms), 12, '0') || '7' || version || substr(digits, 2) || tail)::uuid,
                       to_timestamp(ms / 1000.0::float8)::timestamptz(3), id, version, event_type, data
                  FROM changes ORDER BY n, version)
            INSERT INTO {schema}.saga_outbox (event_id, created_at, saga_id, shard, topic, partition_key, event_type, payload)
            SELECT (lpad(to_hex(event_ms), 12, '0') || '7' || place || substr(digits, 2) || tail)::uuid,
                   to_timestamp(event_ms / 1000.0::float8)::timestamptz(3), id, 0, 'sagas', id::text, name || '.' || happened,
                   jsonb_build_object('number', n)
              FROM saga, settings, LATERAL (VALUES (8, ms, 'started'), (9, ms + took, lower(status)))
                   AS event (place, event_ms, happened)
             WHERE ms >= events_from
             ORDER BY event_ms, n, place
            """;
}
