package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.COMPENSATED;
import static io.sagaz.storage.SagaStatus.COMPENSATING;
import static io.sagaz.storage.SagaStatus.FAILED;
import static io.sagaz.storage.SagaStatus.PENDING;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static io.sagaz.storage.SagaStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers take over what others have left, each saga one of them. */
class ClaimsIT {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int WORKERS = 8;

    private final String schema = Stand.newSchema();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private RoutingSagaStore store;

    @BeforeEach
    void open() {
        store = Stand.builder(schema).build();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aLeaseBeginsWhenTheSagaDoesNotWhenItWaitsForItsKey() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection other = Stand.asOwner();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("INSERT INTO " + schema + ".saga_idempotency_keys SELECT 'order', 'busy', id, " + schema
                    + ".sagaz_uuid7_time(id) FROM " + schema + ".sagaz_uuid7(now()) AS id");
            Future<?> start = executor.submit(() ->
                    store.start(NewSaga.named("order").idempotencyKey("busy").lease(new Lease("first", HOUR))));
            Await.until(
                    "the start waits for its key",
                    () -> Stand.count("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
                            == 1);
            String waited = Stand.texts("SELECT clock_timestamp()").get(0);
            other.rollback();
            start.get();
            assertThat(Stand.texts("SELECT lease_until >= timestamptz '" + waited + "' + interval '1 hour' FROM "
                            + schema + ".saga_executions"))
                    .containsExactly("t");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whatHasALeaseIsLeftAloneUntilThePrimarysClockHasPassedIt() throws SQLException {
        SagaId id = leased("order", "first");
        assertThat(claim("second")).isEmpty();

        letRunOut("saga_id = '" + id + "'");

        assertThat(claim("second")).containsExactly(new ClaimedSaga(id, "order", PENDING, 2, Optional.of("first")));
        assertThat(claim("third")).as("it has a lease again").isEmpty();
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_executions WHERE lease_owner = 'second'"
                        + " AND lease_until BETWEEN now() + interval '59 min' AND now() + interval '61 min'"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(SagaStatus.class)
    void onlyUnfinishedSagasAreClaimed(SagaStatus status) throws SQLException {
        SagaId id = leased("order", "first");
        long version = bring(id, status);
        // Also one whose lease somebody has left there.
        execute("UPDATE {schema}.saga_executions SET lease_owner = 'first', lease_until = now() - interval '1 day'");

        List<ClaimedSaga> claimed = claim("second");

        if (status == PENDING || status == RUNNING || status == COMPENSATING) {
            assertThat(claimed)
                    .containsExactly(new ClaimedSaga(id, "order", status, version + 1, Optional.of("first")));
        } else {
            assertThat(claimed).isEmpty();
            assertThat(versionOf(id)).isEqualTo(version);
        }
    }

    @Test
    void withoutALeaseOnlyWhatHasStoodStillIsClaimed() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();
        assertThat(claim("worker")).as("five minutes have not passed").isEmpty();

        execute("UPDATE {schema}.saga_executions SET updated_at = now() - interval '299 seconds'");
        assertThat(claim("worker")).isEmpty();
        assertThat(store.claimAbandoned(ClaimRequest.by("worker", HOUR).idleFor(Duration.ofMinutes(6))))
                .isEmpty();

        execute("UPDATE {schema}.saga_executions SET updated_at = now() - interval '301 seconds'");
        assertThat(claim("worker")).containsExactly(new ClaimedSaga(id, "order", PENDING, 2, Optional.empty()));
    }

    @Test
    void whoWaitsForNothingTakesWhatWasStartedAMomentAgo() {
        SagaId id = store.start(NewSaga.named("order")).id();
        leased("order", "first");

        assertThat(store.claimAbandoned(ClaimRequest.by("worker", HOUR).idleFor(Duration.ZERO)))
                .as("not the one with a lease, however idle")
                .extracting(ClaimedSaga::id)
                .containsExactly(id);
    }

    @Test
    void onlyTheNamesThatWereAskedForAreClaimed() throws SQLException {
        abandon("order", 3);
        abandon("refund", 2);
        abandon("order ", 1);

        List<ClaimedSaga> claimed =
                store.claimAbandoned(ClaimRequest.by("worker", HOUR).names("refund", "unheard of", "order "));

        assertThat(claimed)
                .extracting(ClaimedSaga::name)
                .containsOnly("refund", "order ")
                .hasSize(3);
        assertThat(claim("worker")).extracting(ClaimedSaga::name).containsExactly("order", "order", "order");
    }

    @Test
    void noMoreAreClaimedThanWereAskedForAndTheOldestFirst() throws SQLException {
        List<SagaId> oldestFirst = abandon("order", 12);

        for (int begin = 0; begin < 12; begin += 5) {
            assertThat(store.claimAbandoned(ClaimRequest.by("worker", HOUR).limit(5)))
                    .extracting(ClaimedSaga::id)
                    .containsExactlyElementsOf(oldestFirst.subList(begin, Math.min(begin + 5, 12)));
        }
        assertThat(claim("worker")).isEmpty();
    }

    @Test
    void aNameWithFewSagasHasTheSameShareAsOneWithMany() throws SQLException {
        abandon("many", 1000);
        abandon("few", 10);
        abandon("single", 1);

        Map<String, Long> claimed = countByName(store.claimAbandoned(
                ClaimRequest.by("worker", HOUR).names("many", "few").limit(20)));
        assertThat(claimed).isEqualTo(Map.of("many", 10L, "few", 10L));

        abandon("few", 3);
        assertThat(countByName(
                        store.claimAbandoned(ClaimRequest.by("worker", HOUR).limit(20))))
                .as("what one name does not need is for the others")
                .isEqualTo(Map.of("many", 16L, "few", 3L, "single", 1L));
    }

    @Test
    void withMoreNamesThanSagasAreWantedEachNameHasItsTurn() throws SQLException {
        int names = 30;
        int limit = 10;
        for (int i = 0; i < names; i++) {
            abandon("name-" + i, 100);
        }
        Set<String> served = new HashSet<>();
        // Names that took turns in a fixed order would have to be used up before the others are served.
        for (int round = 0; round < 150 && served.size() < names; round++) {
            Map<String, Long> claimed = countByName(
                    store.claimAbandoned(ClaimRequest.by("worker", HOUR).limit(limit)));
            assertThat(claimed).as("one of each of ten names").hasSize(limit);
            served.addAll(claimed.keySet());
        }
        assertThat(served).hasSize(names);
    }

    @Test
    void workersWhoClaimAtOnceGetDifferentSagasAndNobodyWaitsForALock() throws Exception {
        for (String name : List.of("order", "refund", "transfer")) {
            abandon(name, 400);
        }
        SagaId held = abandon("held", 1).get(0);
        List<ClaimedSaga> claimed = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(WORKERS);
        CyclicBarrier begin = new CyclicBarrier(WORKERS);
        try (Connection owner = Stand.asOwner();
                Statement lock = owner.createStatement();
                RoutingSagaStore impatient = impatient()) {
            owner.setAutoCommit(false);
            lock.execute(
                    "UPDATE " + schema + ".saga_executions SET updated_at = updated_at WHERE saga_id = '" + held + "'");
            List<Future<List<ClaimedSaga>>> workers = IntStream.range(0, WORKERS)
                    .mapToObj(worker -> executor.submit(() -> {
                        begin.await();
                        return claimUntilNothingIsLeft(impatient, "worker-" + worker);
                    }))
                    .toList();
            for (Future<List<ClaimedSaga>> worker : workers) {
                claimed.addAll(worker.get());
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(claimed).extracting(ClaimedSaga::id).doesNotHaveDuplicates().doesNotContain(held);
        assertThat(claimed).hasSize(1200).allMatch(saga -> saga.version() == 2);
        assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_audit_log a JOIN " + schema
                        + ".saga_executions e USING (saga_id) WHERE a.event_type = 'SAGA_CLAIMED'"
                        + " AND a.actor = e.lease_owner AND a.saga_version = e.version AND e.version = 2"))
                .as("entries of claims")
                .isEqualTo(1200);
        assertThat(claim("worker")).extracting(ClaimedSaga::id).containsExactly(held);
    }

    /** Whoever waits for another's lock gets an error from the server, long before the test is over. */
    private RoutingSagaStore impatient() {
        String url = Stand.topology().primaryUrl() + "?options=-c%20lock_timeout=5s";
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(url, Stand.write().user(), Stand.write().password())
                        .maximumSize(WORKERS))
                .schema(schema)
                .migrations(MigrationMode.CHECK)
                .build();
    }

    private static List<ClaimedSaga> claimUntilNothingIsLeft(RoutingSagaStore store, String worker) {
        List<ClaimedSaga> all = new ArrayList<>();
        ClaimRequest request = ClaimRequest.by(worker, HOUR).limit(7);
        List<ClaimedSaga> some = store.claimAbandoned(request);
        while (!some.isEmpty()) {
            all.addAll(some);
            some = store.claimAbandoned(request);
        }
        return all;
    }

    @Test
    void whatIsBeingChangedIsPassedOver() throws SQLException {
        SagaId busy = abandon("order", 1).get(0);
        SagaId other = abandon("order", 1).get(0);

        List<ClaimedSaga> claimed = store.inTransaction(tx -> {
            tx.apply(busy, 1, SagaChange.to(RUNNING));
            return store.claimAbandoned(ClaimRequest.by("worker", HOUR));
        });

        assertThat(claimed).extracting(ClaimedSaga::id).containsExactly(other);
        assertThat(claim("worker"))
                .as("its owner has not renewed the lease")
                .containsExactly(new ClaimedSaga(busy, "order", RUNNING, 3, Optional.of("first")));
    }

    @Test
    void whatTheFormerOwnerStillTriesIsAConflict() throws SQLException {
        SagaId id = abandon("order", 1).get(0);
        ClaimedSaga claimed = claim("second").get(0);

        assertThat(store.apply(id, 1, SagaChange.to(RUNNING))).isEqualTo(new ChangeResult.Conflict(2, PENDING));
        assertThat(store.apply(id, 1, SagaChange.renewed(new Lease("first", HOUR))))
                .isEqualTo(new ChangeResult.Conflict(2, PENDING));

        assertThat(store.apply(id, claimed.version(), SagaChange.to(RUNNING)))
                .isEqualTo(new ChangeResult.Applied(3, RUNNING));
        assertThat(leaseOf(id)).isEqualTo("second, to come");
    }

    @Test
    void aChangeRenewsTheLease() throws SQLException {
        SagaId id = abandon("order", 1).get(0);

        long version = store.apply(id, 1, SagaChange.to(RUNNING).lease(new Lease("first", HOUR)))
                .appliedVersion();

        assertThat(claim("second")).isEmpty();
        letRunOut("saga_id = '" + id + "'");
        assertThat(store.apply(id, version, SagaChange.renewed(new Lease("third", HOUR))))
                .as("over, but nobody has claimed it; a lease may also be handed over")
                .isEqualTo(new ChangeResult.Applied(3, RUNNING));
        assertThat(claim("second")).isEmpty();
        assertThat(leaseOf(id)).isEqualTo("third, to come");
    }

    @Test
    void aChangeThatSaysNothingOfTheLeaseLeavesItAsItIs() throws SQLException {
        SagaId id = abandon("order", 1).get(0);

        store.apply(id, 1, SagaChange.to(RUNNING));

        assertThat(leaseOf(id)).isEqualTo("first, over");
    }

    @ParameterizedTest
    @EnumSource(names = {"SUCCESS", "FAILED", "COMPENSATED"})
    void theEndOfASagaEndsItsLease(SagaStatus end) throws SQLException {
        SagaId id = leased("order", "first");
        long version = bring(id, end == COMPENSATED ? COMPENSATING : RUNNING);
        assertThat(leaseOf(id)).isEqualTo("first, to come");

        store.apply(id, version, SagaChange.to(end).lease(new Lease("first", HOUR)))
                .appliedVersion();

        assertThat(leaseOf(id)).isEqualTo("none");
    }

    @Test
    void aLeaseOfNoTimeGivesTheSagaUpAtOnce() throws SQLException {
        SagaId id = leased("order", "first");

        store.apply(id, 1, SagaChange.renewed(new Lease("first", Duration.ZERO)));

        assertThat(claim("second")).containsExactly(new ClaimedSaga(id, "order", PENDING, 3, Optional.of("first")));
    }

    @Test
    void theAuditLogTellsWhoClaimedWhatFromWhom() throws SQLException {
        SagaId id = abandon("order", 1).get(0);
        claim("second");

        assertThat(Stand.texts("SELECT concat_ws(' ', saga_version, actor, event_data) FROM " + schema
                        + ".saga_audit_log WHERE event_type = 'SAGA_CLAIMED' AND saga_id = '" + id + "'"))
                .containsExactly("2 second {\"name\": \"order\", \"status\": \"PENDING\", \"formerOwner\": \"first\"}");
    }

    @Test
    void aClaimInATransactionIsCommittedOrUndoneWithIt() throws SQLException {
        List<SagaId> ids = abandon("order", 2);
        IllegalStateException thrown = new IllegalStateException();

        assertThatThrownBy(() -> store.inTransaction(tx -> {
                    assertThat(tx.claimAbandoned(ClaimRequest.by("undone", HOUR)))
                            .hasSize(2);
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(leaseOf(ids.get(0))).isEqualTo("first, over");

        List<ChangeResult> changed =
                store.inTransaction(tx -> tx.claimAbandoned(ClaimRequest.by("worker", HOUR)).stream()
                        .map(saga -> tx.apply(saga.id(), saga.version(), SagaChange.to(RUNNING)))
                        .toList());

        assertThat(changed).hasSize(2).containsOnly(new ChangeResult.Applied(3, RUNNING));
        assertThat(leaseOf(ids.get(1))).isEqualTo("worker, to come");
    }

    @Test
    void aClaimWhoseAnswerIsLostIsAnsweredWithTheSameSagas() throws SQLException {
        abandon("order", 20);
        abandon("refund", 20);
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = through(network)) {
            far.claimAbandoned(ClaimRequest.by("warm", HOUR).names("unheard of"));
            network.loseNextAnswer();

            List<ClaimedSaga> claimed =
                    far.claimAbandoned(ClaimRequest.by("worker", HOUR).limit(7));

            assertThat(network.cuts()).isEqualTo(1);
            assertThat(claimed)
                    .hasSize(7)
                    .allMatch(saga -> saga.status() == PENDING
                            && saga.version() == 2
                            && saga.formerOwner().equals(Optional.of("first")));
            assertThat(claimed)
                    .extracting(saga -> saga.name() + " " + saga.id())
                    .containsExactlyInAnyOrderElementsOf(Stand.texts("SELECT saga_name || ' ' || saga_id FROM " + schema
                            + ".saga_executions WHERE lease_owner = 'worker'"));
        }
    }

    @Test
    void aClaimThatNeverArrivedIsMadeOnce() throws SQLException {
        abandon("order", 20);
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = through(network)) {
            network.cut();

            assertThat(far.claimAbandoned(ClaimRequest.by("worker", HOUR).limit(7)))
                    .hasSize(7);
        }
        assertThat(owned("worker")).isEqualTo(7);
    }

    @Test
    void aClaimThatIsStillUnderWayIsNotMadeASecondTime() throws Exception {
        abandon("order", 20);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = Stand.asOwner();
                Statement statement = owner.createStatement();
                TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = through(network)) {
            waitBeforeTheCommitOfAClaim(statement);
            statement.execute("SELECT pg_advisory_lock(4712)");
            Future<List<ClaimedSaga>> claim = executor.submit(
                    () -> far.claimAbandoned(ClaimRequest.by("worker", HOUR).limit(7)));
            Await.until("the claim is about to commit", () -> waiting("advisory") == 1);
            network.cut();
            Await.until("it is made again, and waits for the first", () -> waiting("transactionid") == 1);

            statement.execute("SELECT pg_advisory_unlock(4712)");

            assertThat(claim.get())
                    .extracting(saga -> saga.id().toString())
                    .hasSize(7)
                    .containsExactlyInAnyOrderElementsOf(Stand.texts(
                            "SELECT saga_id FROM " + schema + ".saga_executions WHERE lease_owner = 'worker'"));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aClaimOfAllThereIsIsNotAnsweredWithNothingWhileItIsUnderWay() throws Exception {
        abandon("order", 7);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = Stand.asOwner();
                Statement statement = owner.createStatement();
                TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = through(network)) {
            waitBeforeTheCommitOfAClaim(statement);
            statement.execute("SELECT pg_advisory_lock(4712)");
            Future<List<ClaimedSaga>> claim =
                    executor.submit(() -> far.claimAbandoned(ClaimRequest.by("worker", HOUR)));
            Await.until("the claim is about to commit", () -> waiting("advisory") == 1);
            network.cut();
            Await.until("it was made again, and found nothing", () -> claim.isDone() || repeats("claimAbandoned") > 1);
            assertThat(claim).isNotDone();

            statement.execute("SELECT pg_advisory_unlock(4712)");

            assertThat(claim.get()).hasSize(7);
            assertThat(owned("worker")).isEqualTo(7);
        } finally {
            executor.shutdownNow();
        }
    }

    private double repeats(String operation) {
        return meters.find(StoreMeterNames.WRITE_REPEATS).tags("operation", operation).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private void waitBeforeTheCommitOfAClaim(Statement statement) throws SQLException {
        statement.execute("CREATE FUNCTION " + schema + ".wait() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(4712); RETURN NULL; END'");
        statement.execute("GRANT EXECUTE ON FUNCTION " + schema + ".wait() TO PUBLIC");
        statement.execute("CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON " + schema
                + ".saga_audit_log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
                + " WHEN (NEW.event_type = 'SAGA_CLAIMED') EXECUTE FUNCTION " + schema + ".wait()");
    }

    private static long waiting(String lockType) throws SQLException {
        return Stand.count("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = '" + lockType + "'");
    }

    @Test
    void aTransactionOfOnlyAClaimIsFoundToBeCommitted() throws SQLException {
        abandon("order", 3);
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore far = through(network)) {
            List<ClaimedSaga> claimed = far.inTransaction(tx -> {
                List<ClaimedSaga> some = tx.claimAbandoned(ClaimRequest.by("worker", HOUR));
                network.loseNextAnswer();
                return some;
            });
            assertThat(claimed).hasSize(3);
            assertThat(network.cuts()).isEqualTo(1);
        }
        assertThat(owned("worker")).isEqualTo(3);
    }

    @Test
    @SuppressWarnings("NullAway") // What must not be null is.
    void badRequestsAreRefused() {
        refuses(() -> store.claimAbandoned(null), "request must not be null");
        refuses(() -> ClaimRequest.by(null, HOUR), "Lease.owner must not be null");
        refuses(() -> ClaimRequest.by(" ", HOUR), "Lease.owner must not be blank");
        refuses(() -> ClaimRequest.by("x".repeat(256), HOUR), "Lease.owner must have at most 255 characters");
        refuses(() -> ClaimRequest.by("a", null), "ClaimRequest.lease must not be null");
        refuses(() -> ClaimRequest.by("a", Duration.ZERO), "ClaimRequest.lease must be PT0.001S to PT720H but is PT0S");
        refuses(
                () -> ClaimRequest.by("a", HOUR.negated()),
                "ClaimRequest.lease must be PT0.001S to PT720H but is PT-1H");
        refuses(() -> ClaimRequest.by("a", Duration.ofHours(721)), "but is PT721H");
        ClaimRequest request = ClaimRequest.by("a", HOUR);
        refuses(() -> request.limit(0), "ClaimRequest.limit must be 1 to 1000 but is 0");
        refuses(() -> request.limit(1001), "ClaimRequest.limit must be 1 to 1000 but is 1001");
        refuses(() -> request.idleFor(null), "ClaimRequest.idleFor must not be null");
        refuses(() -> request.idleFor(HOUR.negated()), "ClaimRequest.idleFor must be PT0S to PT720H but is PT-1H");
        refuses(() -> request.idleFor(Duration.ofDays(31)), "ClaimRequest.idleFor must be PT0S to PT720H");
        refuses(() -> request.names(new String[0]), "ClaimRequest.names must not be empty");
        refuses(() -> request.names((String[]) null), "ClaimRequest.names must not be null");
        refuses(() -> request.names("a", null), "ClaimRequest.names element must not be null");
        refuses(() -> request.names(""), "ClaimRequest.names must not be blank");
        refuses(() -> new Lease("", HOUR), "Lease.owner must not be blank");
        refuses(() -> new Lease("a", HOUR.negated()), "Lease.duration must be PT0S to PT720H but is PT-1H");
        refuses(() -> new Lease("a", Duration.ofDays(31)), "Lease.duration must be PT0S to PT720H but is PT744H");
        refuses(() -> NewSaga.named("x").lease(null), "NewSaga.lease must not be null");
        refuses(() -> SagaChange.renewed(null), "SagaChange.lease must not be null");
    }

    private static void refuses(Runnable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContaining(message);
    }

    /** One connection, so that it is this one that is lost. */
    private RoutingSagaStore through(TcpProxy network) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                                network.url(),
                                Stand.write().user(),
                                Stand.write().password())
                        .maximumSize(1))
                .schema(schema)
                .migrations(MigrationMode.CHECK)
                .writeTimeout(Duration.ofMinutes(1))
                .meterRegistry(meters)
                .build();
    }

    private List<ClaimedSaga> claim(String worker) {
        return store.claimAbandoned(ClaimRequest.by(worker, HOUR));
    }

    private SagaId leased(String name, String owner) {
        return store.start(NewSaga.named(name).lease(new Lease(owner, HOUR))).id();
    }

    /** Sagas of an owner named "first" whose lease has run out, the oldest first. */
    private List<SagaId> abandon(String name, int number) throws SQLException {
        NewSaga template = NewSaga.named(name).lease(new Lease("first", HOUR));
        List<SagaId> ids =
                store
                        .startAll(IntStream.range(0, number)
                                .mapToObj(i -> template.id(SagaId.next()))
                                .toList())
                        .stream()
                        .map(started -> started.id())
                        .toList();
        letRunOut("lease_owner = 'first'");
        return ids;
    }

    /** The clock of the server cannot be moved; the end of a lease can. */
    private void letRunOut(String which) throws SQLException {
        execute("UPDATE {schema}.saga_executions SET lease_until = clock_timestamp() WHERE " + which);
    }

    private long bring(SagaId id, SagaStatus status) {
        List<SagaStatus> way = switch (status) {
            case PENDING -> List.of();
            case RUNNING -> List.of(RUNNING);
            case SUCCESS -> List.of(RUNNING, SUCCESS);
            case FAILED -> List.of(RUNNING, FAILED);
            case COMPENSATING -> List.of(RUNNING, COMPENSATING);
            case COMPENSATED -> List.of(RUNNING, COMPENSATING, COMPENSATED);
        };
        long version = 1;
        for (SagaStatus next : way) {
            version = store.apply(id, version, SagaChange.to(next)).appliedVersion();
        }
        return version;
    }

    private String leaseOf(SagaId id) throws SQLException {
        return Stand.texts("SELECT coalesce(lease_owner || CASE WHEN lease_until > clock_timestamp() THEN ', to come'"
                        + " ELSE ', over' END, CASE WHEN lease_until IS NULL THEN 'none' END) FROM " + schema
                        + ".saga_executions WHERE saga_id = '" + id + "'")
                .get(0);
    }

    private long versionOf(SagaId id) throws SQLException {
        return Stand.count("SELECT version FROM " + schema + ".saga_executions WHERE saga_id = '" + id + "'");
    }

    private long owned(String owner) throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + ".saga_executions WHERE lease_owner = '" + owner
                + "' AND version = 2");
    }

    private void execute(String sql) throws SQLException {
        try (Connection owner = Stand.asOwner();
                Statement statement = owner.createStatement()) {
            statement.execute(sql.replace("{schema}", schema));
        }
    }

    private static Map<String, Long> countByName(Collection<ClaimedSaga> sagas) {
        return sagas.stream()
                .map(ClaimedSaga::name)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
