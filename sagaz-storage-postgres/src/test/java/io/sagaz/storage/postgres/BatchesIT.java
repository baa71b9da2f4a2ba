package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.FAILED;
import static io.sagaz.storage.SagaStatus.PENDING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import io.sagaz.testkit.TcpProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several sagas in one call. */
class BatchesIT {
    private final String schema = Stand.newSchema();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
    private RoutingSagaStore store;

    @BeforeEach
    void open() {
        store = open(1); // One connection, so that it is this one that is lost.
    }

    private RoutingSagaStore open(int connections) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                                network.url(),
                                Stand.write().user(),
                                Stand.write().password())
                        .maximumSize(connections))
                .direct(Stand.direct())
                .schema(schema)
                .meterRegistry(meters)
                .build();
    }

    @AfterEach
    void close() {
        store.close();
        network.close();
    }

    @Test
    void startsAreAnsweredInTheOrderGivenWhateverTheOrderOfLocks() throws SQLException {
        Random random = seeded();
        List<NewSaga> sagas = new ArrayList<>();
        Map<SagaId, StartResult> expected = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            NewSaga saga = NewSaga.named("name " + random.nextInt(3)).steps("a");
            NewSaga keyed = random.nextBoolean() ? saga : saga.idempotencyKey("key " + i);
            StartResult answer = new StartResult.Started(keyed.id(), 1);
            if (i % 3 == 0) {
                store.start(keyed);
                answer = new StartResult.AlreadyStarted(keyed.id());
            } else if (i % 3 == 1) {
                NewSaga first = saga.idempotencyKey("taken " + i);
                keyed = saga.idempotencyKey("taken " + i).emit(OutboxEvent.to("never"));
                store.start(first);
                answer = new StartResult.AlreadyStarted(first.id());
            }
            sagas.add(keyed);
            expected.put(keyed.id(), answer);
        }
        Collections.shuffle(sagas, random);

        assertThat(store.startAll(sagas))
                .containsExactlyElementsOf(
                        sagas.stream().map(saga -> expected.get(saga.id())).toList());
        assertThat(count("saga_executions")).isEqualTo(60);
        assertThat(count("saga_outbox")).isZero();
    }

    @Test
    void changesAreAnsweredInTheOrderGivenAndARefusedOneKeepsNoneBack() throws SQLException {
        Random random = seeded();
        List<SagaUpdate> updates = new ArrayList<>();
        Map<SagaId, ChangeResult> expected = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            SagaId id = i % 5 == 4
                    ? SagaId.next()
                    : store.start(NewSaga.named("order").steps("a")).id();
            SagaChange change = SagaChange.to(RUNNING);
            long version = 1;
            ChangeResult answer = new ChangeResult.Applied(2, RUNNING);
            switch (i % 5) {
                case 0 -> {}
                case 1 -> {
                    version = 7;
                    answer = new ChangeResult.Conflict(1, PENDING);
                }
                case 2 -> {
                    change = SagaChange.to(COMPENSATED);
                    answer = new ChangeResult.IllegalSagaChange(PENDING, COMPENSATED);
                }
                case 3 -> {
                    change = change.andStep("a", StepStatus.COMPENSATED);
                    answer = new ChangeResult.IllegalStepChange("a", StepStatus.PENDING, StepStatus.COMPENSATED);
                }
                default -> answer = new ChangeResult.NotFound();
            }
            updates.add(new SagaUpdate(id, version, change.emit(OutboxEvent.to("changed"))));
            expected.put(id, answer);
        }
        Collections.shuffle(updates, random);

        assertThat(store.applyAll(updates))
                .containsExactlyElementsOf(updates.stream()
                        .map(update -> expected.get(update.id()))
                        .toList());
        assertThat(Stand.texts("SELECT version || ' ' || status FROM " + schema + ".saga_executions WHERE version > 1"))
                .hasSize(12)
                .containsOnly("2 RUNNING");
        assertThat(count("saga_outbox")).as("events of those that were applied").isEqualTo(12);
        assertThat(count("saga_audit_log")).isEqualTo(48 + 12);
    }

    @Test
    void anIdentifierOfAnotherSagaStartsNoneOfThem() throws SQLException {
        NewSaga there = NewSaga.named("order").idempotencyKey("there");
        store.start(there);
        for (NewSaga foreign : List.of(
                NewSaga.named("other").id(there.id()),
                NewSaga.named("order").id(there.id()),
                NewSaga.named("order").id(there.id()).idempotencyKey("another"))) {
            List<NewSaga> sagas = List.of(
                    NewSaga.named("aaa").idempotencyKey("before").emit(OutboxEvent.to("before")),
                    foreign,
                    NewSaga.named("zzz").idempotencyKey("behind").steps("a").emit(OutboxEvent.to("behind")));
            assertThatThrownBy(() -> store.startAll(sagas))
                    .isInstanceOf(PermanentStoreException.class)
                    .hasMessageContaining("22023")
                    .hasMessageContaining(there.id().toString())
                    .hasMessageContaining("belongs to a saga of another name or key");
        }
        assertThat(count("saga_executions")).isEqualTo(1);
        assertThat(count("saga_idempotency_keys")).isEqualTo(1);
        assertThat(count("saga_audit_log")).isEqualTo(1);
        assertThat(count("saga_steps")).isZero();
        assertThat(count("saga_outbox")).isZero();
    }

    @Test
    void anEventThatIsThereStartsAndChangesNoneOfThem() throws SQLException {
        OutboxEvent event = OutboxEvent.to("once");
        store.emit(List.of(event));
        SagaId a = store.start(NewSaga.named("order")).id();
        SagaId b = store.start(NewSaga.named("order")).id();

        assertThatThrownBy(() -> store.startAll(
                        List.of(NewSaga.named("order"), NewSaga.named("order").emit(event))))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining("23505");
        assertThatThrownBy(() -> store.applyAll(List.of(
                        new SagaUpdate(a, 1, SagaChange.to(RUNNING)),
                        new SagaUpdate(b, 1, SagaChange.to(RUNNING).emit(event)))))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining("23505");

        assertThat(Stand.texts("SELECT status FROM " + schema + ".saga_executions"))
                .containsExactly("PENDING", "PENDING");
        assertThat(count("saga_outbox")).isEqualTo(1);
    }

    @Test
    void nothingToDoIsDoneWithoutTheDatabase() {
        network.cut();
        network.refuse(true);
        assertThat(store.startAll(List.of())).isEmpty();
        assertThat(store.applyAll(List.of())).isEmpty();
        store.emit(List.of());
    }

    @Test
    void whatStandsTwiceIsRefusedBeforeAnythingIsSent() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();
        SagaId other = store.start(NewSaga.named("order")).id();
        OutboxEvent event = OutboxEvent.to("twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.applyAll(List.of(
                        new SagaUpdate(id, 1, SagaChange.to(RUNNING)), new SagaUpdate(id, 2, SagaChange.to(FAILED)))))
                .withMessageContaining("twice")
                .withMessageContaining(id.toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.applyAll(List.of(
                        new SagaUpdate(id, 1, SagaChange.to(RUNNING).emit(event)),
                        new SagaUpdate(other, 1, SagaChange.to(RUNNING).emit(event)))))
                .withMessageContaining("stands twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.startAll(List.of(
                        NewSaga.named("order").emit(event),
                        NewSaga.named("order").emit(event))))
                .withMessageContaining("stands twice");
        assertThat(Stand.texts("SELECT status FROM " + schema + ".saga_executions"))
                .containsExactly("PENDING", "PENDING");
        assertThat(count("saga_outbox")).isZero();
    }

    @Test
    void ofTwoStartsOfOneSagaInOneCallTheFirstStartsIt() throws SQLException {
        NewSaga saga = NewSaga.named("order").steps("a");
        NewSaga keyed = NewSaga.named("order").idempotencyKey("k");
        assertThat(store.startAll(List.of(saga, keyed, saga, keyed)))
                .containsExactly(
                        new StartResult.Started(saga.id(), 1),
                        new StartResult.Started(keyed.id(), 1),
                        new StartResult.AlreadyStarted(saga.id()),
                        new StartResult.AlreadyStarted(keyed.id()));

        NewSaga one = NewSaga.named("order").idempotencyKey("both");
        NewSaga two = NewSaga.named("order").idempotencyKey("both");
        List<StartResult> results = store.startAll(List.of(two, one));
        assertThat(results).hasOnlyElementsOfTypes(StartResult.Started.class, StartResult.AlreadyStarted.class);
        assertThat(results.stream().map(StartResult::id).distinct()).hasSize(1);
        assertThat(count("saga_executions")).isEqualTo(3);
        assertThat(count("saga_audit_log")).isEqualTo(3);
    }

    @Test
    void whoeverStartsTheSameInAnotherOrderWaitsForNobodyWhoWaits() throws Exception {
        Random random = seeded();
        int logged = deadlocks();
        store.close();
        store = open(2);
        for (int round = 0; round < 40; round++) {
            List<NewSaga> sagas = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                NewSaga saga = NewSaga.named("name " + random.nextInt(3));
                sagas.add(i % 2 == 0 ? saga.idempotencyKey(round + " " + random.nextInt(1_000_000)) : saga);
            }
            List<List<StartResult>> answers = oppositeOrders(sagas, store::startAll);

            for (int i = 0; i < sagas.size(); i++) {
                SagaId id = sagas.get(i).id();
                assertThat(List.of(answers.get(0).get(i), answers.get(1).get(i)))
                        .containsExactlyInAnyOrder(new StartResult.Started(id, 1), new StartResult.AlreadyStarted(id));
            }
        }
        assertThat(deadlocks()).isEqualTo(logged);
        assertThat(repeats()).isZero();
    }

    @Test
    void whoeverChangesTheSameInAnotherOrderWaitsForNobodyWhoWaits() throws Exception {
        int logged = deadlocks();
        store.close();
        store = open(2);
        List<NewSaga> sagas =
                Stream.generate(() -> NewSaga.named("order")).limit(30).toList();
        store.startAll(sagas);
        store.applyAll(sagas.stream()
                .map(saga -> new SagaUpdate(saga.id(), 1, SagaChange.to(RUNNING)))
                .toList());
        for (int round = 0; round < 40; round++) {
            long version = 2L + round;
            List<SagaUpdate> updates = sagas.stream()
                    .map(saga -> new SagaUpdate(saga.id(), version, SagaChange.note(AuditEntry.of("ROUND"))))
                    .toList();
            List<List<ChangeResult>> answers = oppositeOrders(updates, store::applyAll);

            for (int i = 0; i < updates.size(); i++) {
                assertThat(List.of(answers.get(0).get(i), answers.get(1).get(i)))
                        .containsExactlyInAnyOrder(
                                new ChangeResult.Applied(version + 1, RUNNING),
                                new ChangeResult.Conflict(version + 1, RUNNING));
            }
        }
        assertThat(deadlocks()).isEqualTo(logged);
        assertThat(repeats()).isZero();
    }

    @Test
    void changesWhoseAnswersAreLostAreDoneOnceAndAnsweredAsTheyAre() throws SQLException {
        List<NewSaga> sagas = Stream.generate(() -> NewSaga.named("order").steps("a"))
                .limit(5)
                .toList();
        store.startAll(sagas);
        List<SagaId> ids = sagas.stream().map(NewSaga::id).toList();
        List<SagaUpdate> updates = List.of(
                new SagaUpdate(ids.get(4), 1, SagaChange.to(FAILED).emit(OutboxEvent.to("changed"))),
                new SagaUpdate(ids.get(1), 1, SagaChange.to(COMPENSATED).emit(OutboxEvent.to("changed"))),
                new SagaUpdate(ids.get(3), 1, SagaChange.stepStarted("a").emit(OutboxEvent.to("changed"))),
                new SagaUpdate(ids.get(0), 1, SagaChange.stepCompensated("a").emit(OutboxEvent.to("changed"))),
                new SagaUpdate(ids.get(2), 1, SagaChange.to(RUNNING).emit(OutboxEvent.to("changed"))));
        network.loseNextAnswer();

        assertThat(store.applyAll(updates))
                .containsExactly(
                        new ChangeResult.Applied(2, FAILED),
                        new ChangeResult.IllegalSagaChange(PENDING, COMPENSATED),
                        new ChangeResult.Applied(2, PENDING),
                        new ChangeResult.IllegalStepChange("a", StepStatus.PENDING, StepStatus.COMPENSATED),
                        new ChangeResult.Applied(2, RUNNING));

        assertThat(network.cuts()).isEqualTo(1);
        assertThat(repeats()).isEqualTo(1);
        assertThat(count("saga_outbox")).isEqualTo(3);
        assertThat(count("saga_audit_log")).isEqualTo(5 + 3);
        assertThat(Stand.count("SELECT sum(version) FROM " + schema + ".saga_executions"))
                .isEqualTo(5 + 3);
    }

    @Test
    void startsWhoseAnswersAreLostAreDoneOnceAndAnsweredAsTheyAre() throws SQLException {
        NewSaga there = NewSaga.named("order").idempotencyKey("there");
        store.start(there);
        NewSaga plain = NewSaga.named("order").steps("a", "b").emit(OutboxEvent.to("started"));
        NewSaga keyed = NewSaga.named("order").idempotencyKey("new").emit(OutboxEvent.to("started"));
        NewSaga late = NewSaga.named("order").idempotencyKey("there").emit(OutboxEvent.to("never"));
        network.loseNextAnswer();

        assertThat(store.startAll(List.of(late, plain, there, keyed)))
                .containsExactly(
                        new StartResult.AlreadyStarted(there.id()),
                        new StartResult.Started(plain.id(), 1),
                        new StartResult.AlreadyStarted(there.id()),
                        new StartResult.Started(keyed.id(), 1));

        assertThat(network.cuts()).isEqualTo(1);
        assertThat(repeats()).isEqualTo(1);
        assertThat(count("saga_executions")).isEqualTo(3);
        assertThat(count("saga_steps")).isEqualTo(2);
        assertThat(count("saga_audit_log")).isEqualTo(3);
        assertThat(Stand.texts("SELECT topic FROM " + schema + ".saga_outbox")).containsExactly("started", "started");
    }

    @Test
    void anEntryWhoseAnswerIsLostIsAddedOnce() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();
        network.loseNextAnswer();

        assertThat(store.annotate(id, AuditEntry.of("NOTE"))).isTrue();

        assertThat(network.cuts()).isEqualTo(1);
        assertThat(repeats()).isEqualTo(1);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_audit_log WHERE event_type = 'NOTE'"))
                .isEqualTo(1);
        network.loseNextAnswer();
        assertThat(store.annotate(SagaId.next(), AuditEntry.of("NOTE")))
                .as("of no saga")
                .isFalse();
    }

    @Test
    void aClaimWhoseAnswerIsLostIsAnsweredWithWhatItGot() throws SQLException {
        List<NewSaga> sagas =
                Stream.generate(() -> NewSaga.named("order")).limit(7).toList();
        store.startAll(sagas);
        ClaimRequest five = ClaimRequest.by("me", Duration.ofMinutes(1))
                .idleFor(Duration.ZERO)
                .limit(5);
        network.loseNextAnswer();

        List<ClaimedSaga> claimed = store.claimAbandoned(five);

        assertThat(network.cuts()).isEqualTo(1);
        assertThat(repeats()).isEqualTo(1);
        assertThat(claimed)
                .containsExactlyInAnyOrderElementsOf(sagas.stream()
                        .limit(5)
                        .map(saga -> new ClaimedSaga(saga.id(), "order", PENDING, 2, Optional.empty()))
                        .toList());
        assertThat(store.claimAbandoned(five)).as("what is left").hasSize(2);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_audit_log WHERE event_type = 'SAGA_CLAIMED'"))
                .isEqualTo(7);
    }

    private interface Call<T, R> {
        List<R> make(List<T> items);
    }

    /** Two make the same call, the one with the items backwards; both answers in the order of the items. */
    private static <T, R> List<List<R>> oppositeOrders(List<T> items, Call<T, R> call) throws Exception {
        Callable<List<R>> forwards = () -> call.make(items);
        Callable<List<R>> backwards = () -> reversed(call.make(reversed(items)));
        return Together.run(List.of(forwards, backwards));
    }

    private static <T> List<T> reversed(List<T> items) {
        return IntStream.rangeClosed(1, items.size())
                .mapToObj(i -> items.get(items.size() - i))
                .toList();
    }

    private static Random seeded() {
        long seed = new Random().nextLong();
        System.out.println("Seed " + seed);
        return new Random(seed);
    }

    private double repeats() {
        return meters.find(StoreMeterNames.WRITE_REPEATS).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** How many the server has logged; its log lies beside its data. */
    private static int deadlocks() throws SQLException, IOException {
        try (var superuser = Stand.topology()
                        .connect(Stand.topology().primaryUrl(), Stand.topology().superuser());
                var statement = superuser.createStatement();
                var row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            try (Stream<String> lines = Files.lines(Path.of(row.getString(1)).resolveSibling("primary.log"))) {
                return (int)
                        lines.filter(line -> line.contains("deadlock detected")).count();
            }
        }
    }

    private long count(String table) throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + "." + table);
    }
}
