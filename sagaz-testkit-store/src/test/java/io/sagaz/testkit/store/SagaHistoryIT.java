package io.sagaz.testkit.store;

import static io.sagaz.testkit.assertj.SagazAssertions.assertThatEvents;
import static io.sagaz.testkit.assertj.SagazAssertions.assertThatSaga;
import static io.sagaz.testkit.assertj.SagazAssertions.assertThatTrail;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaOutcomes;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.TimeSpan;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is written in bulk is what services would have written, as far as the store can tell. */
@SagazStore
class SagaHistoryIT {
    /** {@code -Dsagaz.history.sagas=1000000} for the long run. */
    private static final int SAGAS = Integer.getInteger("sagaz.history.sagas", 2_000);

    private static final int LOOKED_AT = 500;

    @Test
    void theStoreReadsItAsItsOwn(RoutingSagaStore store, TestDatabase database) throws SQLException {
        SagaHistory.Made made = SagaHistory.of(SAGAS)
                .months(12)
                .names("order", "refund")
                .steps("reserve", "charge", "ship")
                .share(SagaStatus.FAILED, 0.1)
                .share(SagaStatus.COMPENSATED, 0.05)
                .seed(7)
                .writeTo(database);
        System.out.println(made);

        SagaReads reads = store.reads(ReadConsistency.strong());
        Map<SagaStatus, Long> counts =
                new HashMap<>(reads.countByStatus(SagaFilter.all()).value());
        counts.values().removeIf(count -> count == 0);
        assertThat(counts).isEqualTo(made.sagas());
        assertThat(made.sagas())
                .containsEntry(SagaStatus.FAILED, Math.round(SAGAS * 0.1))
                .containsEntry(SagaStatus.COMPENSATED, Math.round(SAGAS * 0.05));
        assertThat(rows(database, "saga_executions")).isEqualTo(SAGAS);
        assertThat(rows(database, "saga_steps")).isEqualTo(made.steps()).isEqualTo(3L * SAGAS);
        assertThat(rows(database, "saga_audit_log")).isEqualTo(made.auditEntries());
        assertThat(rows(database, "saga_outbox")).isEqualTo(made.events()).isPositive();
        statisticsAgree(store, made);
        assertThat(store.claimAbandoned(ClaimRequest.by("somebody", Duration.ofMinutes(1))))
                .as("nothing is left to do")
                .isEmpty();

        List<SagaId> ids = new ArrayList<>();
        reads.forEach(SagaFilter.all(), summary -> {
            assertThat(summary.id().createdAt()).isBetween(made.from(), made.until());
            assertThat(summary.updatedAt()).isBetween(summary.id().createdAt(), made.until());
            assertThat(summary.completedAt()).hasValue(summary.updatedAt());
            assertThat(summary.name()).isIn("order", "refund");
            ids.add(summary.id());
        });
        assertThat(ids).doesNotHaveDuplicates().hasSize(SAGAS);
        int apart = Math.max(1, SAGAS / LOOKED_AT);
        for (int i = 0; i < SAGAS; i += apart) {
            agrees(reads, ids.get(i));
        }
    }

    private static void statisticsAgree(RoutingSagaStore store, SagaHistory.Made made) {
        List<SagaOutcomes> outcomes = store.statistics(ReadConsistency.strong())
                .outcomes(new TimeSpan(made.from(), made.until().plusMillis(1)))
                .value();
        assertThat(outcomes).extracting(SagaOutcomes::name).containsExactly("order", "refund");
        assertThat(outcomes.stream().mapToLong(SagaOutcomes::succeeded).sum())
                .isEqualTo(made.sagas().get(SagaStatus.SUCCESS));
        assertThat(outcomes.stream().mapToLong(SagaOutcomes::failed).sum())
                .isEqualTo(made.sagas().get(SagaStatus.FAILED));
        assertThat(outcomes.stream().mapToLong(SagaOutcomes::compensated).sum())
                .isEqualTo(made.sagas().get(SagaStatus.COMPENSATED));
    }

    /** Head, steps, trail and events tell of the same. */
    private static void agrees(SagaReads reads, SagaId id) {
        Saga saga = reads.find(id).value().orElseThrow();
        int broken = saga.steps().stream().map(SagaStep::status).toList().indexOf(StepStatus.FAILED);
        List<AuditRecord> trail =
                reads.auditTrail(id, PageRequest.first(10)).value().items();
        assertThatSaga(reads.find(id))
                .isFinished()
                .hasSteps("reserve", "charge", "ship")
                .hasNoOwner();
        if (saga.status() == SagaStatus.SUCCESS) {
            assertThatSaga(reads.find(id))
                    .hasStepStatuses(StepStatus.SUCCESS, StepStatus.SUCCESS, StepStatus.SUCCESS)
                    .hasVersion(3)
                    .hasNoError()
                    .result()
                    .contains("reference");
            assertThatTrail(trail).hasTypes("SAGA_STARTED", "SAGA_CHANGED", "SAGA_CHANGED");
        } else {
            boolean compensated = saga.status() == SagaStatus.COMPENSATED;
            assertThatSaga(reads.find(id))
                    .hasVersion(compensated ? 4 : 3)
                    .hasErrorContaining(saga.steps().get(broken).name());
            for (SagaStep step : saga.steps()) {
                assertThat(step.status())
                        .isEqualTo(
                                step.index() == broken
                                        ? StepStatus.FAILED
                                        : step.index() > broken
                                                ? StepStatus.PENDING
                                                : compensated ? StepStatus.COMPENSATED : StepStatus.SUCCESS);
                assertThat(step.startedAt().isPresent()).isEqualTo(step.index() <= broken);
            }
        }
        for (SagaStep step : saga.steps()) {
            step.completedAt()
                    .ifPresent(completed -> assertThat(completed)
                            .isBetween(
                                    step.startedAt().orElseThrow(),
                                    saga.summary().updatedAt()));
            step.startedAt().ifPresent(started -> assertThat(started).isAfterOrEqualTo(id.createdAt()));
        }
        assertThat(trail.stream().map(AuditRecord::version))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, saga.version())
                        .boxed()
                        .map(Optional::of)
                        .toList());
        assertThat(trail.get(trail.size() - 1).data()).contains("\"status\": \"" + saga.status() + "\"");
        List<StoredEvent> events =
                reads.events(id, PageRequest.first(10)).value().items();
        if (!events.isEmpty()) {
            String name = saga.summary().name();
            assertThatEvents(events)
                    .ofSaga(id)
                    .withKey(id.toString())
                    .areInTheOrderOfTheirKeys()
                    .haveTypes(
                            name + ".started", name + "." + saga.status().name().toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void theSameSeedMakesTheSame(TestDatabase database) throws SQLException {
        SagaHistory history = SagaHistory.of(50).months(1);
        assertThat(history.writeTo(database).sagas())
                .containsEntry(SagaStatus.SUCCESS, 48L)
                .containsEntry(SagaStatus.FAILED, 1L)
                .containsEntry(SagaStatus.COMPENSATED, 1L);
        assertThat(catchThrowable(() -> history.writeTo(database)))
                .isInstanceOf(SQLException.class)
                .hasMessage("A history of seed 1 was not written")
                .cause()
                .hasMessageContaining("duplicate key");
        history.seed(2).writeTo(database);
        assertThat(rows(database, "saga_executions")).isEqualTo(100);
    }

    private static long rows(TestDatabase database, String table) throws SQLException {
        try (Connection connection = database.connect(database.primaryUrl(), database.owner());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            row.next();
            return row.getLong(1);
        }
    }
}
