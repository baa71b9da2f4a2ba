package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** The quick start of the README: what stands between the two marks stands there, letter by letter. */
final class QuickStart {
    private QuickStart() {}

    static ReadResult<Map<SagaStatus, Long>> run(PoolConfig write, PoolConfig read, PoolConfig owner)
            throws SQLException {
        // begin
        try (RoutingSagaStore store = RoutingSagaStore.builder()
                .write(write) // PoolConfig.of("jdbc:postgresql://…:6432/sagaz?prepareThreshold=0", user, password)
                .read(read) // PoolConfig.of("jdbc:postgresql://…:6433/sagaz", user, password)
                .direct(owner) // the role that owns the tables, past the pooler: for migrations and partitions
                .build()) {
            String number = UUID.randomUUID().toString(); // of the order: another one each time that this is run
            NewSaga order = NewSaga.named("order").steps("reserve", "charge").idempotencyKey("order-" + number);
            SagaId id = store.start(order).id(); // the same number twice? the same saga

            OutboxEvent event = OutboxEvent.to("orders").key(number).json("{\"reserved\": true}");
            SagaChange reserved = SagaChange.to(RUNNING)
                    .andStep("reserve", StepStatus.SUCCESS)
                    .emit(event);
            long version = store.inTransaction(tx -> {
                tx.connection().createStatement().execute("INSERT INTO reservations VALUES (42)");
                return tx.apply(id, 1, reserved).appliedVersion(); // your row, the saga, the event: one commit
            });

            SagaChange charged =
                    SagaChange.stepSucceeded("charge", "{\"paid\": 10}").andTo(SUCCESS);
            store.apply(id, version, charged); // Applied, or a Conflict with the version that is there now

            return store.reads(ReadConsistency.atMost(Duration.ofSeconds(5))) // a replica, if it is proved fresh
                    .countByStatus(SagaFilter.named("order")); // .receipt() says where from and how stale
        }
        // end
    }
}
