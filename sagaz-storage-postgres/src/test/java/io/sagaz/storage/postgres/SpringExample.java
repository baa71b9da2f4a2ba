package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StepStatus;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionTemplate;

/** Sagas in a transaction of Spring's, for docs/joining.md: what stands between the two marks stands there. */
final class SpringExample {
    private SpringExample() {}

    static ChangeResult run(
            RoutingSagaStore store, DataSource dataSource, TransactionTemplate transaction, SagaId id, long version) {
        SagaChange reserved = SagaChange.to(RUNNING)
                .andStep("reserve", StepStatus.SUCCESS)
                .emit(OutboxEvent.to("orders").json("{\"reserved\": true}"));
        // begin
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        return transaction.execute(
                status -> { // or a method that is @Transactional
                    jdbc.update("INSERT INTO reservations VALUES (42)");
                    ChangeResult result = store.join(DataSourceUtils.getConnection(dataSource))
                            .apply(id, version, reserved);
                    if (!(result instanceof ChangeResult.Applied)) {
                        status.setRollbackOnly(); // a Conflict, for example: read the saga again and decide anew
                    }
                    return result;
                });
        // end
    }
}
