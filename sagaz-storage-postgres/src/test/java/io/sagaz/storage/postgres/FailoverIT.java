package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSession;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Servers and poolers are killed, and the lead goes over, under steady writes and reads of every consistency: no answer is ever
 * wrong, and all is well again some time after. How long after is printed, and depends on the machine.
 */
class FailoverIT {
    private static final long SEED = Long.getLong("sagaz.seed", new Random().nextLong());
    private static Topology topology;

    @BeforeAll
    static void start() {
        System.out.println("seed " + SEED);
        topology = Topology.builder().replicas(2).start();
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @Test
    void nobodyIsToldAnythingWrongWhileServersAndPoolersDie() throws Exception {
        Faults faults = topology.faults();
        try (RoutingSagaStore store = Stand.on(topology).build();
                Witness witness = watched(store, "killed")) {
            outage(witness, "a replica is killed", () -> faults.killReplica(0), () -> faults.startReplica(0));
            outage(witness, "PgBouncer-RO is killed", faults::killReadPooler, faults::startReadPooler);
            outage(witness, "the primary is killed", faults::killPrimary, faults::startPrimary);
            witness.stop();
            assertThat(witness.violations()).as(witness.description()).isZero();
        }
    }

    private static void outage(Witness witness, String what, Runnable kill, Runnable start) {
        Witness.Tally tally = witness.scenario(what);
        kill.run();
        witness.awaitChecks(30);
        witness.mark();
        start.run();
        sayWhenAllIsWell(witness, tally);
    }

    private static void sayWhenAllIsWell(Witness witness, Witness.Tally tally) {
        Duration fresh = witness.awaitFreshReplica();
        Duration written = witness.awaitWrite();
        witness.awaitChecks(30);
        System.out.println(tally);
        System.out.println("  mended; the first fresh answer of a replica " + fresh.toMillis()
                + " ms later, the first write " + written.toMillis() + " ms later");
        assertThat(tally.compared()).as("sagas compared, %s", tally).isPositive();
    }

    private static Witness watched(RoutingSagaStore store, String name) {
        Witness witness = new Witness(store, name, SEED)
                .writing()
                .writing()
                .reading()
                .readingAnything()
                .readingWithTokens();
        witness.awaitFreshReplica();
        witness.awaitWrite();
        return witness;
    }

    @Test
    void whileThePrimaryIsDownTheBoundGrowsUntilItIsMoreThanWasAskedFor() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        ReadConsistency.AtMost wanted = ReadConsistency.atMost(Duration.ofSeconds(3));
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (RoutingSagaStore store = Stand.on(topology)
                        .writeTimeout(Duration.ofMinutes(1))
                        .meterRegistry(meters)
                        .build();
                RoutingSagaStore hasty =
                        Stand.on(topology).writeTimeout(Duration.ofMillis(500)).build()) {
            Await.until("a replica is fresh", () -> receipt(store, wanted).source() == ReadSource.REPLICA);
            NewSaga patient = NewSaga.named("patient");
            Future<StartResult> write = killedInTheMiddle(executor, () -> store.start(patient));
            Map<String, Duration> last = new TreeMap<>();
            int answers = 0;
            StoreException end = null;
            while (end == null) {
                try {
                    ReadReceipt receipt = receipt(store, wanted);
                    Duration bound = receipt.staleness().orElseThrow();
                    assertThat(receipt.source()).isEqualTo(ReadSource.REPLICA);
                    assertThat(bound)
                            .as("the bound of %s", receipt)
                            .isGreaterThanOrEqualTo(last.getOrDefault(receipt.server(), Duration.ZERO))
                            .isLessThanOrEqualTo(wanted.staleness());
                    last.put(receipt.server(), bound);
                    answers++;
                } catch (TransientStoreException e) {
                    end = e;
                }
            }
            System.out.println("the primary is down: " + answers + " answers within 3 s of bound, the last " + last);
            assertThat(answers).isPositive();
            ReadReceipt stale = receipt(store, wanted.limit(Duration.ofHours(1)));
            assertThat(stale.reason()).isEqualTo(RouteReason.SERVED_STALE);
            assertThat(stale.staleness().orElseThrow()).isGreaterThan(wanted.staleness());
            assertThatThrownBy(() -> hasty.start(NewSaga.named("down"))).isInstanceOf(StoreException.class);

            Await.until(
                    "the write is being repeated",
                    () -> meters.find(StoreMeterNames.WRITE_REPEATS).counters().stream()
                                    .mapToDouble(counter -> counter.count())
                                    .sum()
                            > 0);
            topology.faults().startPrimary();
            assertThat(write.get()).isInstanceOf(StartResult.Started.class);
            assertThat(store.reads(ReadConsistency.strong()).find(patient.id()).value())
                    .isPresent();
            Await.until("a replica is fresh", () -> receipt(store, wanted).source() == ReadSource.REPLICA);
        } finally {
            executor.shutdownNow();
        }
    }

    /** Kills the primary while it works on a write, which waits for a lock. */
    private static Future<StartResult> killedInTheMiddle(ExecutorService executor, Callable<StartResult> write)
            throws SQLException {
        try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                Statement statement = owner.createStatement()) {
            owner.setAutoCommit(false);
            statement.execute("LOCK TABLE saga_executions IN EXCLUSIVE MODE");
            Future<StartResult> waiting = executor.submit(write);
            Await.until(
                    "the write waits",
                    () -> value(topology, topology.primaryUrl(), "SELECT count(*) FROM pg_locks WHERE NOT granted")
                            .equals("1"));
            topology.faults().killPrimary();
            return waiting;
        }
    }

    /** What was acknowledged is on one replica at least, and the one that has received most is promoted: nothing is lost. */
    @Test
    void aReplicaIsPromotedBehindBothPoolers() throws Exception {
        try (Topology own = Topology.builder().replicas(2).start()) {
            Faults faults = own.faults();
            run(
                    own,
                    own.primaryUrl(),
                    "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'",
                    "SELECT pg_reload_conf()");
            try (RoutingSagaStore store = Stand.on(own).build();
                    Witness witness = watched(store, "promoted")) {
                witness.awaitWrites(50);
                Witness.Tally tally = witness.scenario("the primary is killed, and a replica is promoted");
                faults.killPrimary();
                int next = received(own, 0) >= received(own, 1) ? 0 : 1;
                faults.promote(next);
                faults.follow(1 - next, next);
                faults.pointReadPoolerAt(1 - next);
                witness.mark();
                faults.pointWritePoolerAtReplica(next);
                System.out.println("a replica is promoted: the first write "
                        + witness.awaitWrite().toMillis() + " ms later");
                witness.awaitWrites(20);
                // A standby says of its timeline what its last restart point has written down.
                run(own, own.replicaUrl(next), "CHECKPOINT");
                own.awaitReplicas(Duration.ofSeconds(30));
                run(own, own.replicaUrl(1 - next), "CHECKPOINT");
                sayWhenAllIsWell(witness, tally);
                witness.stop();
                assertThat(witness.violations()).as(witness.description()).isZero();
            }
        }
    }

    private static long received(Topology own, int replica) throws SQLException {
        return Long.parseLong(value(
                own, own.replicaUrl(replica), "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::bigint"));
    }

    /**
     * The primary was not dead. Two histories go on, each with its writers; one replica was promoted and is still behind
     * PgBouncer-RO, the other has stayed with the old history and is all that the new one has to read from.
     */
    @Test
    void aSplitBrainMixesNoHistories() throws Exception {
        try (Topology split = Topology.builder().replicas(2).start();
                RoutingSagaStore old = Stand.on(split).build();
                Witness ofOld = watched(old, "old")) {
            split.faults().promote(0);
            long promoted = System.nanoTime();
            ofOld.scenario("split brain, the old primary");
            Await.until(
                    "what replicas said before the promotion has expired",
                    () -> System.nanoTime() - promoted > Duration.ofMillis(500).toNanos());
            Credentials app = split.app();
            Credentials reader = split.reader();
            Credentials owner = split.owner();
            try (RoutingSagaStore fresh = RoutingSagaStore.builder()
                            .write(PoolConfig.of(split.replicaUrl(0), app.user(), app.password()))
                            .read(PoolConfig.of(split.replicaUrl(1), reader.user(), reader.password()))
                            .direct(PoolConfig.of(split.replicaUrl(0), owner.user(), owner.password()))
                            .build();
                    Witness ofNew = new Witness(fresh, "new", SEED + 100)) {
                Witness.Tally tallyOfNew = ofNew.scenario("split brain, the new primary");
                ofNew.writing().writing().writing().reading().readingWithTokens();
                Witness.Tally tallyOfOld = ofOld.scenario("split brain, the old primary");
                List<ReadReceipt> mixed = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    ofOld.awaitChecks(40);
                    ofNew.awaitChecks(40);
                    for (ReadConsistency each :
                            List.of(ReadConsistency.any(), ReadConsistency.atMost(Duration.ofHours(1)))) {
                        var ofOther = old.reads(each).countByStatus(SagaFilter.named("new"));
                        if (ofOther.value().values().stream().anyMatch(count -> count > 0)) {
                            mixed.add(ofOther.receipt());
                        }
                    }
                }
                // The replica of the old history is where the new one has just been, which proves nothing.
                ofOld.restFromWriting();
                Await.until("the new history is longer", () -> {
                    run(
                            split,
                            split.replicaUrl(0),
                            "SELECT pg_logical_emit_message(true, 'longer', repeat('x', 100000))");
                    return position(split, split.replicaUrl(0)) > position(split, split.primaryUrl());
                });
                for (int i = 0; i < 10; i++) {
                    assertThat(receipt(fresh, ReadConsistency.atMost(Duration.ofHours(1)))
                                    .source())
                            .isEqualTo(ReadSource.PRIMARY);
                    ofNew.awaitChecks(4);
                }
                ofOld.stop();
                ofNew.stop();
                System.out.println(tallyOfOld);
                System.out.println(tallyOfNew);
                assertThat(mixed).as("answers to the old with sagas of the new").isEmpty();
                assertThat(tallyOfOld.ofReplicas()).as("%s", tallyOfOld).isPositive();
                assertThat(tallyOfNew.vouchedByReplicas())
                        .as("answers that a replica of the old history vouched for, %s", tallyOfNew)
                        .isZero();
                assertThat(ofOld.violations()).as(ofOld.description()).isZero();
                assertThat(ofNew.violations()).as(ofNew.description()).isZero();
            }
        }
    }

    private static long position(Topology own, String url) throws SQLException {
        return Long.parseLong(value(own, url, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"));
    }

    /**
     * The primary is stopped in order, a replica takes over, the other goes over to its timeline and the former primary comes back
     * as a standby. Readers are no members of pg_read_all_stats.
     */
    @Test
    void replicasGoOverToTheTimelineOfTheNewPrimary() throws Exception {
        try (Topology own = Topology.builder().replicas(2).start()) {
            Faults faults = own.faults();
            try (RoutingSagaStore store = Stand.on(own).build();
                    Witness witness = watched(store, "over")) {
                Witness.Tally tally = witness.scenario("the lead goes over");
                faults.switchOver(0);
                faults.pointReadPoolerAt(1);
                witness.mark();
                faults.pointWritePoolerAtReplica(0);
                System.out.println("the lead goes over: the first write "
                        + witness.awaitWrite().toMillis() + " ms later");
                own.awaitReplicas(Duration.ofSeconds(30));
                System.out.println("before a restart point the other replica is "
                        + receipt(store, ReadConsistency.atMost(Duration.ofHours(1))));
                run(own, own.replicaUrl(0), "CHECKPOINT");
                own.awaitReplicas(Duration.ofSeconds(30));
                run(own, own.replicaUrl(1), "CHECKPOINT");
                sayWhenAllIsWell(witness, tally);

                tally = witness.scenario("the former primary is the replica");
                faults.pointReadPoolerAtPrimary();
                witness.mark();
                faults.restartReadPooler();
                run(own, own.primaryUrl(), "CHECKPOINT");
                sayWhenAllIsWell(witness, tally);
                witness.stop();
                assertThat(witness.violations()).as(witness.description()).isZero();
            }
        }
    }

    /** The pooler has not been led to the new primary yet, and the former one is a standby that falls behind. */
    @Test
    void aStandbyBehindTheWriteUrlIsNotTakenForThePrimary() throws Exception {
        try (Topology own = Topology.builder().replicas(1).start();
                RoutingSagaStore behind = Stand.on(own).build()) {
            behind.start(NewSaga.named("before"));
            own.faults().switchOver(0);
            run(own, own.primaryUrl(), "SELECT pg_wal_replay_pause()");
            try (RoutingSagaStore leading = RoutingSagaStore.builder()
                    .write(PoolConfig.of(
                            own.replicaUrl(0), own.app().user(), own.app().password()))
                    .migrations(MigrationMode.CHECK)
                    .build()) {
                leading.start(NewSaga.named("after"));
            }
            for (ReadConsistency each :
                    List.of(ReadConsistency.strong(), ReadConsistency.atMost(Duration.ofSeconds(1)))) {
                assertThatThrownBy(() -> receipt(behind, each))
                        .as("%s", each)
                        .isInstanceOf(TransientStoreException.class);
            }
            own.faults().pointWritePoolerAtReplica(0);
            Await.until("the new primary answers", () -> {
                try {
                    return receipt(behind, ReadConsistency.strong()).source() == ReadSource.PRIMARY;
                } catch (TransientStoreException e) {
                    return false;
                }
            });
            assertThat(behind.reads(ReadConsistency.strong())
                            .countByStatus(SagaFilter.named("after"))
                            .value()
                            .values())
                    .contains(1L);
        }
    }

    /**
     * The database was moved to a cluster of its own, as for another major version of PostgreSQL, and the write URL leads there
     * while the read URL leads to the replicas of the former, whose log is longer and of the same timeline.
     */
    @Test
    void aReplicaOfTheClusterThatWasLeftIsNeverTakenForFreshAndThoseOfTheNewOneAreFound() throws Exception {
        try (Topology left = Topology.builder().replicas(1).start();
                Topology entered = Topology.builder().replicas(1).start();
                RoutingSagaStore store = Stand.on(left).build()) {
            Stand.on(entered).build().close();
            letIn(left, entered);
            ReadConsistency bounded = ReadConsistency.atMost(Duration.ofSeconds(5));
            CausalToken before = store.causalToken();
            Await.until("the log that is left is the longer one", () -> {
                run(left, left.primaryUrl(), "SELECT pg_logical_emit_message(true, 'longer', repeat('x', 1000000))");
                return position(left, left.primaryUrl()) > 2 * position(entered, entered.primaryUrl());
            });
            left.awaitReplicas(Duration.ofSeconds(30));
            Await.until("a replica is fresh", () -> receipt(store, bounded).source() == ReadSource.REPLICA);

            ReadSession session = store.session();
            assertThat(session.reads(bounded)
                            .countByStatus(SagaFilter.all())
                            .receipt()
                            .source())
                    .isEqualTo(ReadSource.REPLICA);

            left.faults().pointWritePoolerAt(entered);
            NewSaga moved = NewSaga.named("moved");
            store.start(moved);
            long acknowledged = System.nanoTime();
            // Until the primary is looked at again, its former replica may still answer for what was acknowledged
            // before.
            Await.until("the former replica is known for what it is", () -> {
                long asked = System.nanoTime();
                ReadResult<Optional<Saga>> read = store.reads(bounded).find(moved.id());
                if (read.value().isEmpty()) {
                    assertThat(asked - read.receipt().staleness().orElseThrow().toNanos())
                            .as("the time before which all is seen, %s", read.receipt())
                            .isLessThan(acknowledged);
                }
                return read.receipt().reason() == RouteReason.REPLICA_DIVERGED;
            });
            for (int i = 0; i < 300; i++) {
                ReadResult<Optional<Saga>> read = store.reads(bounded).find(moved.id());
                assertThat(read.value()).as("%s", read.receipt()).isPresent();
                assertThat(read.receipt().source()).isEqualTo(ReadSource.PRIMARY);
            }

            left.faults().pointReadPoolerAt(entered);
            left.faults().restartReadPooler();
            String replica = entered.replicaUrl(0).replaceAll(".*//(.*)/.*", "$1");
            Await.until(
                    "the new replica answers",
                    () -> receipt(store, bounded).server().equals(replica));
            assertThat(store.reads(ReadConsistency.atLeast(store.causalToken()))
                            .find(moved.id())
                            .value())
                    .isPresent();
            assertThat(receipt(store, ReadConsistency.atLeast(before)).reason())
                    .isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
            assertThat(session.reads(bounded).find(moved.id()).value()).isPresent();
            assertThat(session.token().orElseThrow().systemIdentifier())
                    .isEqualTo(store.causalToken().systemIdentifier())
                    .isNotEqualTo(before.systemIdentifier());
            Await.until(
                    "the new replica answers the session",
                    () -> session.reads(bounded)
                            .countByStatus(SagaFilter.all())
                            .receipt()
                            .server()
                            .equals(replica));
        }
    }

    /** Whoever may log in here comes in there with the same password. */
    private static void letIn(Topology here, Topology there) throws SQLException {
        run(there, there.primaryUrl(), value(here, here.primaryUrl(), """
                SELECT string_agg(format('ALTER ROLE %I PASSWORD %L', rolname, rolpassword), ';')
                  FROM pg_authid WHERE rolname IN ('sagaz_app', 'sagaz_reader')"""));
    }

    private static ReadReceipt receipt(RoutingSagaStore store, ReadConsistency consistency) {
        return store.reads(consistency).countByStatus(SagaFilter.all()).receipt();
    }

    private static void run(Topology own, String url, String... statements) throws SQLException {
        try (Connection connection = own.connect(url, own.superuser());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String value(Topology own, String url, String query) throws SQLException {
        try (Connection connection = own.connect(url, own.superuser());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
