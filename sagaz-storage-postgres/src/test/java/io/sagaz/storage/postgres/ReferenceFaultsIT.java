package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fault of the reference deployment that lies between its library and its schema; the others are in the migrations. */
class ReferenceFaultsIT {
    /** Columns that the schema lacks, statuses that its CHECKs refuse, and steps whose ids are no UUIDs. */
    @Test
    void x06TheLibraryWorksWithItsSchema() throws SQLException {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            SagaId id = store.start(NewSaga.named("order")
                            .steps("a", "b")
                            .idempotencyKey("order-1")
                            .emit(OutboxEvent.to("orders").key("1").type("Started")))
                    .id();
            assertThat(store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING).andStep("a", StepStatus.RUNNING)))
                    .isInstanceOf(ChangeResult.Applied.class);
            store.emit(List.of(OutboxEvent.to("orders").key("1")));
            assertThat(store.reads(ReadConsistency.strong()).find(id).value()).isPresent();

            for (String column : List.of("event_id", "saga_id", "topic", "partition_key", "payload", "headers")) {
                Stand.count("SELECT count(" + column + ") FROM " + schema + ".saga_outbox");
            }
            assertThat(statuses(schema, "saga_executions_status_known"))
                    .isEqualTo(Stream.of(SagaStatus.values())
                            .map(Enum::name)
                            .sorted()
                            .toList());
            assertThat(statuses(schema, "saga_steps_status_known"))
                    .isEqualTo(Stream.of(StepStatus.values())
                            .map(Enum::name)
                            .sorted()
                            .toList());
        }
    }

    private static List<String> statuses(String schema, String constraint) throws SQLException {
        return Stand.texts(
                "SELECT m[1] FROM pg_constraint, regexp_matches(pg_get_constraintdef(oid), '''([A-Z_]+)''', 'g') m"
                        + " WHERE conname = '" + constraint + "' AND connamespace = '" + schema
                        + "'::regnamespace AND coninhcount = 0 AND conparentid = 0 AND conrelid::regclass::text !~ '_y' ORDER BY 1");
    }
}
