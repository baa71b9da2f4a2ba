package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StepStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every change of a status there is, as the database decides it. */
class StatusMachineIT {
    /** Not none, so that a change that starts counting anew shows. */
    private static final int RETRIES = 3;

    private static final Optional<StepStatus> NO_STEP = Optional.empty();

    private static String schema;
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        store = Stand.builder(schema).build();
    }

    @AfterAll
    static void close() {
        store.close();
    }

    /** The ways in which a change comes to the database. */
    enum Way {
        EACH_BY_ITSELF,
        ALL_AT_ONCE,
        IN_ONE_TRANSACTION;

        List<ChangeResult> apply(List<SagaUpdate> updates) {
            return switch (this) {
                case EACH_BY_ITSELF ->
                    updates.stream()
                            .map(u -> store.apply(u.id(), u.expectedVersion(), u.change()))
                            .toList();
                case ALL_AT_ONCE -> store.applyAll(updates);
                case IN_ONE_TRANSACTION ->
                    store.inTransaction(tx -> updates.stream()
                            .map(u -> tx.apply(u.id(), u.expectedVersion(), u.change()))
                            .toList());
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSagaBecomesWhatItsStatusAllows(Way way) throws SQLException {
        List<Case> cases = new ArrayList<>();
        for (SagaStatus from : SagaStatus.values()) {
            for (Optional<SagaStatus> to : orNone(SagaStatus.values())) {
                cases.add(new Case(from, to, NO_STEP, NO_STEP));
            }
        }
        assertThat(cases).hasSize(6 * 7);
        eachIsDecidedAsTheTablesSay(cases, way);
    }

    @ParameterizedTest
    @EnumSource
    void aStepBecomesWhatItsStatusAllows(Way way) throws SQLException {
        List<Case> cases = new ArrayList<>();
        for (Optional<StepStatus> from : orNone(StepStatus.values())) {
            for (StepStatus to : StepStatus.values()) {
                cases.add(new Case(SagaStatus.RUNNING, Optional.empty(), from, Optional.of(to)));
            }
        }
        assertThat(cases).hasSize(8 * 7);
        eachIsDecidedAsTheTablesSay(cases, way);
    }

    /** Neither takes effect without the other, and of two reasons the saga's is told. */
    @Test
    void aSagaAndItsStepChangeTogetherOrNotAtAll() throws SQLException {
        List<Case> cases = new ArrayList<>();
        for (SagaStatus from : SagaStatus.values()) {
            for (Optional<SagaStatus> to : orNone(SagaStatus.values())) {
                for (Optional<StepStatus> stepFrom : orNone(StepStatus.values())) {
                    for (StepStatus stepTo : StepStatus.values()) {
                        cases.add(new Case(from, to, stepFrom, Optional.of(stepTo)));
                    }
                }
            }
        }
        assertThat(cases).hasSize(6 * 7 * 8 * 7);
        eachIsDecidedAsTheTablesSay(cases, Way.ALL_AT_ONCE);
    }

    @Test
    void anOldVersionIsAConflictWhateverIsWanted() throws SQLException {
        List<Case> cases = new ArrayList<>();
        for (SagaStatus from : SagaStatus.values()) {
            for (Optional<SagaStatus> to : orNone(SagaStatus.values())) {
                cases.add(new Case(from, to, Optional.of(StepStatus.PENDING), Optional.of(StepStatus.COMPENSATED)));
                cases.add(new Case(from, to, Optional.of(StepStatus.PENDING), Optional.of(StepStatus.RUNNING)));
            }
        }
        List<SagaId> ids = started(cases);
        List<SagaUpdate> updates = new ArrayList<>();
        List<ChangeResult> conflicts = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            updates.add(new SagaUpdate(ids.get(i), 2, cases.get(i).change()));
            conflicts.add(new ChangeResult.Conflict(1, cases.get(i).from()));
        }
        assertThat(store.applyAll(updates)).isEqualTo(conflicts);
        Map<SagaId, String> held = held();
        for (int i = 0; i < cases.size(); i++) {
            assertThat(held.get(ids.get(i))).isEqualTo(cases.get(i).unchanged());
        }
    }

    private static void eachIsDecidedAsTheTablesSay(List<Case> cases, Way way) throws SQLException {
        List<SagaId> ids = started(cases);
        List<SagaUpdate> updates = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            updates.add(new SagaUpdate(ids.get(i), 1, cases.get(i).change()));
        }

        List<ChangeResult> results = way.apply(updates);

        Map<SagaId, String> held = held();
        for (int i = 0; i < cases.size(); i++) {
            Case one = cases.get(i);
            assertThat(results.get(i)).as("%s", one).isEqualTo(one.expected());
            assertThat(held.get(ids.get(i))).as("%s", one).isEqualTo(one.expectedRows());
        }
    }

    /** A saga for each case, brought to its status past the store. */
    private static List<SagaId> started(List<Case> cases) throws SQLException {
        List<NewSaga> sagas = cases.stream()
                .map(one ->
                        one.stepFrom().isPresent() ? NewSaga.named("machine").steps("s") : NewSaga.named("machine"))
                .toList();
        store.startAll(sagas);
        try (Connection owner = Stand.asOwner();
                PreparedStatement saga = owner.prepareStatement(
                        "UPDATE " + schema + ".saga_executions SET status = ? WHERE saga_id = ?");
                PreparedStatement step = owner.prepareStatement("UPDATE " + schema
                        + ".saga_steps SET status = ?, retry_count = " + RETRIES + " WHERE saga_id = ?")) {
            for (int i = 0; i < cases.size(); i++) {
                saga.setString(1, cases.get(i).from().name());
                saga.setObject(2, sagas.get(i).id().value());
                saga.addBatch();
                if (cases.get(i).stepFrom().isPresent()) {
                    step.setString(1, cases.get(i).stepFrom().get().name());
                    step.setObject(2, sagas.get(i).id().value());
                    step.addBatch();
                }
            }
            saga.executeBatch();
            step.executeBatch();
        }
        return sagas.stream().map(NewSaga::id).toList();
    }

    /** What the tables hold of each saga. */
    private static Map<SagaId, String> held() throws SQLException {
        Map<SagaId, String> held = new HashMap<>();
        String sql = """
                SELECT e.saga_id, format('%%s, version %%s, %%s entries, %%s events, step %%s', e.status, e.version,
                           coalesce(a.entries, 0), coalesce(o.events, 0), coalesce(s.step, 'none'))
                  FROM %1$s.saga_executions e
                  LEFT JOIN (SELECT saga_id, count(*) AS entries FROM %1$s.saga_audit_log GROUP BY 1) a USING (saga_id)
                  LEFT JOIN (SELECT saga_id, count(*) AS events FROM %1$s.saga_outbox GROUP BY 1) o USING (saga_id)
                  LEFT JOIN (SELECT saga_id, string_agg(status || ' after ' || retry_count, ', ') AS step
                               FROM %1$s.saga_steps GROUP BY 1) s USING (saga_id)
                """.formatted(schema);
        try (Connection owner = Stand.asOwner();
                PreparedStatement statement = owner.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                held.put(SagaId.parse(row.getString(1)), row.getString(2));
            }
        }
        return held;
    }

    private static <T> List<Optional<T>> orNone(T[] values) {
        return Stream.concat(Stream.of(values).map(Optional::of), Stream.of(Optional.<T>empty()))
                .toList();
    }

    /**
     * What a saga is and what it shall become.
     *
     * @param to nothing leaves it alone
     * @param stepFrom nothing is a step that is not there yet
     * @param stepTo nothing is a change without a step
     */
    private record Case(
            SagaStatus from, Optional<SagaStatus> to, Optional<StepStatus> stepFrom, Optional<StepStatus> stepTo) {
        SagaChange change() {
            SagaChange change =
                    SagaChange.renewed(new Lease("me", Duration.ofMinutes(1))).emit(OutboxEvent.to("machine"));
            SagaChange withStatus = to.map(change::andTo).orElse(change);
            return stepTo.map(status -> withStatus.andStep("s", status)).orElse(withStatus);
        }

        ChangeResult expected() {
            if (!(to.isPresent() ? from.canBecome(to.get()) : !from.isFinished())) {
                return new ChangeResult.IllegalSagaChange(from, to.orElse(from));
            }
            StepStatus step = stepFrom.orElse(StepStatus.PENDING);
            if (stepTo.isPresent() && !step.canBecome(stepTo.get())) {
                return new ChangeResult.IllegalStepChange("s", step, stepTo.get());
            }
            return new ChangeResult.Applied(2, to.orElse(from));
        }

        String expectedRows() {
            if (!(expected() instanceof ChangeResult.Applied)) {
                return unchanged();
            }
            boolean again =
                    stepFrom.equals(Optional.of(StepStatus.FAILED)) && stepTo.equals(Optional.of(StepStatus.RUNNING));
            int retries = stepFrom.isEmpty() ? 0 : again ? RETRIES + 1 : RETRIES;
            return to.orElse(from) + ", version 2, 2 entries, 1 events, step "
                    + stepTo.map(status -> status + " after " + retries).orElse("none");
        }

        String unchanged() {
            return from + ", version 1, 1 entries, 0 events, step "
                    + stepFrom.map(status -> status + " after " + RETRIES).orElse("none");
        }
    }
}
