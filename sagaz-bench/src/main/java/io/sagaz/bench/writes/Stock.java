package io.sagaz.bench.writes;

import io.sagaz.bench.Stage;
import io.sagaz.storage.SagaId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Sagas in the tables of Sagaz that are at work, with three steps to be done. They are made ahead and many at a time, so that
 * the success of a step can be timed alone. Safe for threads.
 */
final class Stock {
    private static final String MAKE = """
            WITH sagas AS (
                INSERT INTO saga_executions (saga_id, created_at, updated_at, saga_name, status, context)
                SELECT sagaz_uuid7(at), at, at, ?, 'RUNNING', ?::jsonb
                  FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at FROM generate_series(1, ?)) times
                RETURNING saga_id, created_at
            ), steps AS (
                INSERT INTO saga_steps (saga_id, created_at, step_index, step_name, status)
                SELECT saga_id, created_at, place - 1, step_name, 'PENDING'
                  FROM sagas, unnest(?) WITH ORDINALITY AS step (step_name, place)
            )
            SELECT saga_id FROM sagas
            """;

    private final Stage stage;
    private final Queue<SagaId> sagas = new ConcurrentLinkedQueue<>();

    Stock(Stage stage) {
        this.stage = stage;
    }

    /**
     * The next step of a saga to succeed.
     *
     * @param version that the saga has before
     * @param step its place, from 0
     */
    record Turn(SagaId id, long version, int step) {
        String name() {
            return Order.STEPS.get(step);
        }
    }

    /** What comes after this turn, which has been taken: the next step of the same saga, or the first of another. */
    Optional<Turn> after(Turn before) {
        int step = before.step() + 1;
        return step < Order.STEPS.size() ? Optional.of(new Turn(before.id(), before.version() + 1, step)) : first();
    }

    /** The first step of a saga; none when there are no more. */
    Optional<Turn> first() {
        return Optional.ofNullable(sagas.poll()).map(id -> new Turn(id, 1, 0));
    }

    /** Makes as many as are missing for so many steps. */
    void fillUp(long steps) throws SQLException {
        long missing = steps / Order.STEPS.size() + 1 - sagas.size();
        if (missing > 0) {
            make(missing);
        }
    }

    /** Forgets those that are left: their rows are gone. */
    void clear() {
        sagas.clear();
    }

    private void make(long count) throws SQLException {
        try (Connection connection = stage.owner();
                PreparedStatement statement = connection.prepareStatement(MAKE)) {
            Array steps = connection.createArrayOf("text", Order.STEPS.toArray());
            statement.setString(1, Order.NAME);
            statement.setString(2, Order.CONTEXT);
            statement.setLong(3, count);
            statement.setArray(4, steps);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    sagas.add(new SagaId(rows.getObject(1, UUID.class)));
                }
            }
        }
    }
}
