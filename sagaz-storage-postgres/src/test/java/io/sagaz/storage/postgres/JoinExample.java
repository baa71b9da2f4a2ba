package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StepStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Sagas in a transaction of plain JDBC, for docs/joining.md: what stands between the two marks stands there. */
final class JoinExample {
    private JoinExample() {}

    static ChangeResult run(RoutingSagaStore store, DataSource dataSource, SagaId id, long version)
            throws SQLException {
        SagaChange reserved = SagaChange.to(RUNNING)
                .andStep("reserve", StepStatus.SUCCESS)
                .emit(OutboxEvent.to("orders").json("{\"reserved\": true}"));
        // begin
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO reservations VALUES (42)")) {
                insert.executeUpdate();
                ChangeResult result = store.join(connection).apply(id, version, reserved);
                if (result instanceof ChangeResult.Applied) {
                    connection.commit(); // your row, the saga, the event
                } else {
                    connection.rollback(); // a Conflict, for example: read the saga again and decide anew
                }
                return result;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
        // end
    }
}
