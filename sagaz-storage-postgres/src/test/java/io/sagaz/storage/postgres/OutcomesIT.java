package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writers go on while a pooler is paused or restarted, backends are killed and a primary fails over. Each knows what its
 * sagas must be like, so an answer that is not true shows at the next one, and at the end in the tables.
 */
@Timeout(300)
class OutcomesIT {
    private static final int WRITERS = 4;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final List<SagaId> claimed = new ArrayList<>();
    private final List<SagaId> plain = new ArrayList<>();
    private Topology topology;
    /** Where the tables are at the end. */
    private String lastPrimary;

    @BeforeEach
    void start() {
        // A topology of its own: the other tests do not like to be disturbed.
        topology = Topology.builder().replicas(1).start();
        lastPrimary = topology.primaryUrl();
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void whileThePoolerIsPausedWritesWaitAndNoneIsRefused() throws Exception {
        disturb(topology.rwUrl(), () -> {
            for (int i = 0; i < 3; i++) {
                pause();
                topology.faults().resumeWritePooler();
                awaitRounds();
            }
        });
        assertThat(repeats()).as("nothing was lost").isZero();
        assertThat(open).hasValue(0);
    }

    @Test
    void whatThePoolerLetsGoOfWhileItIsPausedIsMadeAgain() throws Exception {
        disturb(topology.rwUrl(), () -> {
            pause();
            Await.until("writes were let go of", () -> repeats() >= WRITERS);
            topology.faults().resumeWritePooler();
            awaitRounds();
        });
    }

    private void pause() {
        // One that is opened meanwhile would not get through its login.
        Await.until("each writer has a connection", () -> connections("hikaricp.connections") >= WRITERS);
        topology.faults().pauseWritePooler();
        Await.until(
                "the pooler has left the server, and each writer waits for it",
                () -> count("SELECT count(*) FROM pg_stat_activity WHERE usename = 'sagaz_app'") == 0
                        && connections("hikaricp.connections.active") >= WRITERS);
    }

    private double connections(String meter) {
        return meters.get(meter).gauge().value();
    }

    @Test
    void aRestartOfThePoolerLosesNoWrite() throws Exception {
        disturb(topology.rwUrl(), () -> {
            for (int i = 0; i < 5; i++) {
                topology.faults().restartWritePooler();
                awaitRounds();
            }
        });
    }

    @Test
    void killedBackendsLoseNoWrite() throws Exception {
        disturb(topology.rwUrl(), () -> {
            for (int i = 0; i < 20; i++) {
                try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                        Statement kill = superuser.createStatement()) {
                    kill.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sagaz_app'");
                }
                awaitRounds();
            }
        });
        assertThat(repeats()).isPositive();
    }

    @Test
    void aCrashOfThePrimaryLosesNoWrite() throws Exception {
        disturb(topology.rwUrl(), () -> {
            topology.faults().killPrimary();
            topology.faults().startPrimary();
            awaitRounds();
        });
    }

    /** With a synchronous standby: without one an acknowledged commit may be lost, which no client can mend. */
    @Test
    void aFailoverInTheMiddleOfWritesLosesNone() throws Exception {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement setting = superuser.createStatement()) {
            setting.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
            setting.execute("SELECT pg_reload_conf()");
            Await.until("the standby is synchronous", () -> {
                try (ResultSet row =
                        setting.executeQuery("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")) {
                    return row.next();
                }
            });
        }
        disturb(bothServers(), () -> {
            topology.faults().killPrimary();
            topology.faults().promote(0);
            lastPrimary = topology.replicaUrl(0);
            awaitRounds();
        });
        assertThat(repeats()).isPositive();
    }

    /** The driver finds out which of them is the primary. */
    private String bothServers() {
        String second = topology.replicaUrl(0);
        String authority = second.substring(second.indexOf("//") + 2, second.lastIndexOf('/'));
        String first = topology.primaryUrl();
        return first.substring(0, first.lastIndexOf('/')) + "," + authority + first.substring(first.lastIndexOf('/'))
                + "?targetServerType=primary&hostRecheckSeconds=0";
    }

    @Test
    void anAnnotationThatIsStillUnderWayIsNotMadeASecondTime() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (TcpProxy network = TcpProxy.to(topology.rwUrl());
                RoutingSagaStore store = store(network.url());
                Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                Statement statement = owner.createStatement()) {
            SagaId id = store.start(NewSaga.named("order")).id();
            statement.execute("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
                    + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(4713); RETURN NULL; END'");
            statement.execute("GRANT EXECUTE ON FUNCTION wait() TO PUBLIC");
            statement.execute("CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON saga_audit_log DEFERRABLE INITIALLY"
                    + " DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()");
            statement.execute("SELECT pg_advisory_lock(4713)");
            Future<Boolean> annotation = executor.submit(() -> store.annotate(id, AuditEntry.of("SEEN")));
            Await.until("it is about to commit", () -> waitingFor("advisory") == 1);
            network.cut();
            Await.until("it is made again, and waits for the first", () -> waitingFor("transactionid") == 1);

            statement.execute("SELECT pg_advisory_unlock(4713)");

            assertThat(annotation.get()).isTrue();
            assertThat(count("SELECT count(*) FROM saga_audit_log WHERE event_type = 'SEEN'"))
                    .isEqualTo(1);
        } finally {
            executor.shutdownNow();
        }
    }

    private RoutingSagaStore store(String url) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(url, topology.app().user(), topology.app().password())
                        .maximumSize(WRITERS))
                .direct(PoolConfig.of(
                        topology.primaryUrl(),
                        topology.owner().user(),
                        topology.owner().password()))
                .writeTimeout(Duration.ofMinutes(2))
                .meterRegistry(meters)
                .build();
    }

    private interface Disturbance {
        void happen() throws Exception;
    }

    private void disturb(String url, Disturbance disturbance) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(WRITERS);
        try (RoutingSagaStore store = store(url)) {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                String name = "writer-" + i;
                writers.add(executor.submit(() -> {
                    while (!over.get()) {
                        round(store, name);
                        rounds.incrementAndGet();
                    }
                }));
            }
            awaitRounds();
            disturbance.happen();
            over.set(true);
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            over.set(true);
            executor.shutdownNow();
        }
        System.out.println(rounds + " rounds, " + repeats() + " repeated, " + open + " transactions left open");
        assertThat(count("SELECT count(*) FROM saga_executions WHERE status = 'SUCCESS'"))
                .isEqualTo(count("SELECT count(*) FROM saga_executions"))
                .isEqualTo(claimed.size() + plain.size());
        assertThat(count(held("version = 6 AND entries = 7 AND claims = 1 AND events = 1", claimed)))
                .isEqualTo(claimed.size());
        assertThat(count(held("version = 3 AND entries = 3 AND claims = 0 AND events = 1", plain)))
                .isEqualTo(plain.size());
        assertThat(count("SELECT count(*) FROM saga_outbox WHERE saga_id IS NULL"))
                .isEqualTo(claimed.size());
    }

    private static String held(String condition, List<SagaId> sagas) {
        return "SELECT count(*) FROM (SELECT e.saga_id, e.version,"
                + " (SELECT count(*) FROM saga_audit_log a WHERE a.saga_id = e.saga_id) AS entries,"
                + " (SELECT count(*) FROM saga_audit_log a WHERE a.saga_id = e.saga_id"
                + " AND a.event_type = 'SAGA_CLAIMED') AS claims,"
                + " (SELECT count(*) FROM saga_outbox o WHERE o.saga_id = e.saga_id) AS events"
                + " FROM saga_executions e) AS h WHERE " + condition + " AND saga_id IN ("
                + String.join(", ", sagas.stream().map(id -> "'" + id + "'").toList())
                + ")";
    }

    /** Two sagas from their start to their end, with a call of each kind. */
    private void round(RoutingSagaStore store, String name) {
        NewSaga one = NewSaga.named(name).steps("pay");
        NewSaga two = NewSaga.named(name).idempotencyKey(one.id().toString());
        assertThat(certainly(() -> store.startAll(List.of(one, two))))
                .containsExactly(new StartResult.Started(one.id(), 1), new StartResult.Started(two.id(), 1));
        assertThat(certainly(() -> store.applyAll(List.of(
                        new SagaUpdate(one.id(), 1, SagaChange.to(RUNNING).emit(OutboxEvent.to("t"))),
                        new SagaUpdate(two.id(), 1, SagaChange.to(RUNNING).emit(OutboxEvent.to("t")))))))
                .containsOnly(new ChangeResult.Applied(2, RUNNING));
        assertThat(certainly(() -> store.annotate(one.id(), AuditEntry.of("SEEN"))))
                .isTrue();
        assertThat(certainly(() -> store.apply(
                        one.id(), 2, SagaChange.stepStarted("pay").lease(new Lease("first", Duration.ZERO)))))
                .isEqualTo(new ChangeResult.Applied(3, RUNNING));
        assertThat(certainly(() ->
                        store.claimAbandoned(ClaimRequest.by("second", MINUTE).names(name))))
                .containsExactly(new ClaimedSaga(one.id(), name, RUNNING, 4, Optional.of("first")));
        OutboxEvent alone = OutboxEvent.to("t").bytes(new byte[] {0, 1}, "application/octet-stream");
        certainly(() -> {
            store.emit(List.of(alone));
            return true;
        });
        inTransaction(store, one.id());
        assertThat(certainly(() -> store.applyAll(List.of(
                        new SagaUpdate(one.id(), 5, SagaChange.to(SUCCESS)),
                        new SagaUpdate(two.id(), 2, SagaChange.to(SUCCESS))))))
                .containsExactly(new ChangeResult.Applied(6, SUCCESS), new ChangeResult.Applied(3, SUCCESS));
        synchronized (claimed) {
            claimed.add(one.id());
            plain.add(two.id());
        }
    }

    /** Of a transaction nobody may be able to tell what became of it: then it is read. */
    private void inTransaction(RoutingSagaStore store, SagaId id) {
        SagaChange change = SagaChange.stepSucceeded("pay", "{}");
        long version = 4;
        while (version == 4) {
            try {
                ChangeResult result = certainly(() -> store.inTransaction(tx -> tx.apply(id, 4, change)));
                assertThat(result).isEqualTo(new ChangeResult.Applied(5, RUNNING));
                version = 5;
            } catch (CommitOutcomeUnknownException e) {
                open.incrementAndGet();
                version = certainly(() -> store.reads(ReadConsistency.strong()).find(id))
                        .value()
                        .orElseThrow()
                        .version();
            }
        }
        assertThat(version).isEqualTo(5);
    }

    /** Whoever is told that nothing was written tries again. An outcome that is unknown fails the test. */
    private static <T> T certainly(Supplier<T> call) {
        while (true) {
            try {
                return call.get();
            } catch (TransientStoreException e) {
                Thread.onSpinWait();
            }
        }
    }

    private void awaitRounds() {
        int enough = rounds.get() + 2 * WRITERS;
        Await.until("writers go on", () -> rounds.get() >= enough);
    }

    private double repeats() {
        return meters.find(StoreMeterNames.WRITE_REPEATS).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private long waitingFor(String lockType) throws SQLException {
        return count("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = '" + lockType + "'");
    }

    private long count(String query) throws SQLException {
        try (Connection connection = topology.connect(lastPrimary, topology.superuser());
                PreparedStatement statement = connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
