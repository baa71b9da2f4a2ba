package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StartResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many who want the same: for as many seconds as the property {@code sagaz.contention.seconds} says. */
class ContentionIT {
    private static final Duration DURATION = Duration.ofSeconds(Integer.getInteger("sagaz.contention.seconds", 5));
    private static final int THREADS = 64;
    private static final int SAGAS = 8;
    private static final Lease LEASE = new Lease("anybody", Duration.ofMinutes(1));

    private static String schema;
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        store = RoutingSagaStore.builder()
                // As many as the pooler has for them, and patience for the rest.
                .write(Stand.write().maximumSize(20).connectionTimeout(Duration.ofSeconds(60)))
                .direct(Stand.direct())
                .schema(schema)
                .build();
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Test
    void noChangeIsLostAndNoneIsDoneTwice() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("Seed " + seed);
        List<SagaId> sagas = new ArrayList<>();
        for (int i = 0; i < SAGAS; i++) {
            SagaId id = store.start(NewSaga.named("contended")).id();
            assertThat(store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING)).appliedVersion())
                    .isEqualTo(2);
            sagas.add(id);
        }
        long end = System.nanoTime() + DURATION.toNanos();
        List<Callable<Rival>> calls = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Rival rival = new Rival(sagas, new Random(seed + i));
            calls.add(() -> rival.changeUntil(end));
        }

        List<Rival> rivals = Together.run(calls);

        Map<SagaId, Long> applied = new HashMap<>();
        rivals.forEach(rival -> rival.applied.forEach((id, versions) -> {
            applied.merge(id, (long) versions.size(), Long::sum);
            assertThat(versions).as("seed %s", seed).doesNotHaveDuplicates();
        }));
        int conflicts = rivals.stream().mapToInt(rival -> rival.conflicts).sum();
        System.out.println(
                applied.values().stream().mapToLong(n -> n).sum() + " changes applied, " + conflicts + " conflicts");
        assertThat(conflicts).as("conflicts, seed %s", seed).isPositive();
        for (SagaId id : sagas) {
            long changes = applied.getOrDefault(id, 0L);
            assertThat(changes).as("changes of %s, seed %s", id, seed).isPositive();
            long version =
                    Stand.count("SELECT version FROM " + schema + ".saga_executions WHERE saga_id = '" + id + "'");
            assertThat(version).as("saga %s, seed %s", id, seed).isEqualTo(2 + changes);
            assertThat(Stand.texts(
                            "SELECT v FROM generate_series(1, " + version + ") v WHERE 1 <> (SELECT count(*) FROM "
                                    + schema + ".saga_audit_log WHERE saga_id = '" + id + "' AND saga_version = v)"))
                    .as("versions of %s that the audit log lacks or has twice, seed %s", id, seed)
                    .isEmpty();
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_audit_log WHERE saga_id = '" + id + "'"))
                    .as("entries of %s, seed %s", id, seed)
                    .isEqualTo(version);
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox WHERE saga_id = '" + id + "'"))
                    .as("events of %s, seed %s", id, seed)
                    .isEqualTo(changes);
            List<Long> reached = rivals.stream()
                    .flatMap(rival -> rival.applied.getOrDefault(id, List.of()).stream())
                    .toList();
            assertThat(reached)
                    .as("versions of %s that two were given, seed %s", id, seed)
                    .doesNotHaveDuplicates();
            rivals.forEach(rival -> assertThat(rival.seen.get(id))
                    .as("a version that saga %s has never had, seed %s", id, seed)
                    .isLessThanOrEqualTo(version));
        }
    }

    @Test
    void ofFiftyWhoStartOneKeyOneDoes() throws Exception {
        int rivals = 50;
        for (int round = 0; round < 5; round++) {
            String key = "key " + round;
            List<StartResult> results = Together.run(
                    rivals,
                    () -> store.start(NewSaga.named("keys")
                            .idempotencyKey(key)
                            .steps("a", "b")
                            .emit(OutboxEvent.to(key))));

            Set<SagaId> ids = new HashSet<>();
            results.forEach(result -> ids.add(result.id()));
            assertThat(ids).hasSize(1);
            assertThat(results.stream().filter(StartResult.Started.class::isInstance))
                    .hasSize(1);
            assertThat(results.stream().filter(StartResult.AlreadyStarted.class::isInstance))
                    .hasSize(rivals - 1);
            assertThat(Stand.texts(
                            "SELECT saga_id FROM " + schema + ".saga_executions WHERE idempotency_key = '" + key + "'"))
                    .containsExactlyElementsOf(
                            ids.stream().map(SagaId::toString).toList());
            assertThat(Stand.count(
                            "SELECT count(*) FROM " + schema + ".saga_steps WHERE saga_id IN (SELECT saga_id FROM "
                                    + schema + ".saga_executions WHERE idempotency_key = '" + key + "')"))
                    .isEqualTo(2);
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox WHERE topic = '" + key + "'"))
                    .isEqualTo(1);
        }
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_executions WHERE saga_name = 'keys'"))
                .isEqualTo(5);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_steps s JOIN " + schema
                        + ".saga_executions e USING (saga_id) WHERE saga_name = 'keys'"))
                .isEqualTo(10);
    }

    /** One of the two keys loses its saga while somebody waits for that key. */
    @Test
    void aKeyThatIsAnsweredIsThatOfTheSaga() throws Exception {
        Map<String, SagaId> answered = new TreeMap<>();
        int refused = 0;
        for (int round = 0; round < 100; round++) {
            SagaId id = SagaId.next();
            String first = round + " first";
            String second = round + " second";
            List<Optional<SagaId>> answers = Together.run(List.of(
                    () -> start(NewSaga.named("pairs").idempotencyKey(first).id(id)),
                    () -> start(NewSaga.named("pairs").idempotencyKey(second).id(id)),
                    () -> start(NewSaga.named("pairs").idempotencyKey(first))));
            // The third may have been told of the saga that the first one started, or have one of its own.
            answers.get(0).ifPresent(saga -> answered.put(first, saga));
            answers.get(1).ifPresent(saga -> answered.put(second, saga));
            SagaId third = answers.get(2).orElseThrow();
            assertThat(answered.getOrDefault(first, third))
                    .as("what two were told of key %s", first)
                    .isEqualTo(third);
            answered.put(first, third);
            refused += (int) answers.stream().filter(Optional::isEmpty).count();
        }
        assertThat(refused).as("rounds in which an identifier was refused").isPositive();

        Map<String, SagaId> keys = new TreeMap<>();
        for (String row : Stand.texts("SELECT idempotency_key || '=' || saga_id FROM " + schema
                + ".saga_idempotency_keys WHERE saga_name = 'pairs'")) {
            keys.put(row.substring(0, row.indexOf('=')), SagaId.parse(row.substring(row.indexOf('=') + 1)));
        }
        assertThat(keys).as("the keys and their sagas").isEqualTo(answered);
        assertThat(Stand.texts(
                        "SELECT k.idempotency_key FROM " + schema + ".saga_idempotency_keys k FULL JOIN " + schema
                                + ".saga_executions e USING (saga_id, created_at, saga_name, idempotency_key)"
                                + " WHERE saga_name = 'pairs' AND (k.saga_name IS NULL OR e.saga_name IS NULL)"))
                .as("keys without their saga, and sagas without their key")
                .isEmpty();
    }

    /** The saga of the key; empty if the identifier is another's. */
    private static Optional<SagaId> start(NewSaga saga) {
        try {
            return Optional.of(store.start(saga).id());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Changes sagas at random, knowing of each what the last answer said. */
    private static final class Rival {
        private final List<SagaId> sagas;
        private final Random random;
        private final Map<SagaId, Long> seen = new HashMap<>();
        private final Map<SagaId, List<Long>> applied = new HashMap<>();
        private int conflicts;

        Rival(List<SagaId> sagas, Random random) {
            this.sagas = sagas;
            this.random = random;
            sagas.forEach(id -> seen.put(id, 2L));
        }

        Rival changeUntil(long end) {
            while (System.nanoTime() < end) {
                change(sagas.get(random.nextInt(sagas.size())));
            }
            return this;
        }

        private void change(SagaId id) {
            long expected = seen.getOrDefault(id, 2L);
            ChangeResult result =
                    store.apply(id, expected, SagaChange.renewed(LEASE).emit(OutboxEvent.to("contended")));
            if (result instanceof ChangeResult.Conflict conflict) {
                assertThat(conflict.currentVersion())
                        .as("the version in the conflict")
                        .isGreaterThan(expected);
                assertThat(conflict.currentStatus()).isEqualTo(SagaStatus.RUNNING);
                seen.put(id, conflict.currentVersion());
                conflicts++;
            } else {
                assertThat(result).isEqualTo(new ChangeResult.Applied(expected + 1, SagaStatus.RUNNING));
                seen.put(id, expected + 1);
                applied.computeIfAbsent(id, any -> new ArrayList<>()).add(expected + 1);
            }
        }
    }
}
