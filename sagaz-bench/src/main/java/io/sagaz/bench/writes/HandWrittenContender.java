package io.sagaz.bench.writes;

import io.sagaz.bench.load.Call;
import io.sagaz.bench.load.Order;
import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The same rows in the same tables as Sagaz writes, by a statement for each row in a transaction for each call. */
final class HandWrittenContender implements Contender {
    private final DataSource pool;
    private final Stock stock;

    HandWrittenContender(DataSource pool, Stock stock) {
        this.pool = pool;
        this.stock = stock;
    }

    @Override
    public Call caller(Workload workload) {
        return switch (workload) {
            case NEW_SAGA ->
                () -> {
                    start();
                    return true;
                };
            case STEP -> new StepCall(stock, turn -> succeed(turn.id(), turn.version(), turn.step(), "RUNNING"));
            case WHOLE -> () -> whole("SUCCESS");
            case UNENDED -> () -> whole("RUNNING");
        };
    }

    private boolean whole(String lastStatus) throws SQLException {
        SagaId id = start();
        int last = Order.STEPS.size() - 1;
        for (int step = 0; step <= last; step++) {
            succeed(id, step + 1L, step, step == last ? lastStatus : "RUNNING");
        }
        return true;
    }

    private SagaId start() throws SQLException {
        SagaId id = SagaId.next();
        try (Connection connection = begin()) {
            Rows rows = new Rows(connection);
            rows.saga(id);
            for (int place = 0; place < Order.STEPS.size(); place++) {
                rows.step(id, place);
            }
            rows.entry(id, 1, "SAGA_STARTED", "{\"name\": \"" + Order.NAME + "\"}");
            rows.event(id);
            connection.commit();
        }
        return id;
    }

    private void succeed(SagaId id, long version, int step, String status) throws SQLException {
        String name = Order.STEPS.get(step);
        try (Connection connection = begin()) {
            Rows rows = new Rows(connection);
            rows.change(id, version, status);
            rows.success(id, name);
            rows.entry(
                    id,
                    version + 1,
                    "SAGA_CHANGED",
                    "{\"status\": \"" + status + "\", \"steps\": {\"" + name + "\": \"SUCCESS\"}}");
            rows.event(id);
            connection.commit();
        }
    }

    private Connection begin() throws SQLException {
        Connection connection = pool.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }
}
