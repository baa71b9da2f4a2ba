package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoreConfigurationException;
import io.sagaz.storage.StoreException;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of several replicas answers, and what is done when one of them cannot. */
class ReplicaChoiceIT {
    private static final ReadConsistency HALF_A_SECOND = ReadConsistency.atMost(Duration.ofMillis(500));

    private static final String WAITING =
            "pg_stat_activity WHERE wait_event_type = 'Lock' AND backend_type = 'client backend'";

    private static final int FEW = 3;

    private static String schema;
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        store = RoutingSagaStore.builder()
                .write(Stand.write())
                .read(replica(0), replica(1))
                .direct(Stand.direct())
                .schema(schema)
                .build();
        awaitBoth(store);
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Test
    void severalUrlsTakeTurns() {
        Set<String> servers = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            servers.add(read(store, HALF_A_SECOND).server());
        }
        assertThat(servers).hasSize(2);
    }

    @Test
    void aStaleReplicaLeavesTheReadsToTheOther() {
        Faults faults = Stand.topology().faults();
        faults.pauseReplay(0);
        try {
            store.start(NewSaga.named("what the paused one lacks"));
            Await.until("the paused one is stale", () -> serversOf(30).size() == 1);
            for (int i = 0; i < 50; i++) {
                assertThat(read(store, HALF_A_SECOND).source()).isEqualTo(ReadSource.REPLICA);
            }
        } finally {
            faults.resumeReplay(0);
        }
        awaitBoth(store);
    }

    @Test
    void aMinimumOfReplicasGoesOnServingReadsThatAcceptALimit() {
        ReadConsistency limited = ReadConsistency.atMost(Duration.ofMillis(500)).limit(Duration.ofHours(1));
        Faults faults = Stand.topology().faults();
        try (RoutingSagaStore two = Stand.builder(schema, replica(0), replica(1))
                .minimumServingReplicas(2)
                .build()) {
            awaitBoth(two);
            faults.pauseReplay(0);
            try {
                two.start(NewSaga.named("what the paused one lacks"));
                Await.until("the paused one is stale", () -> read(two, limited).reason() == RouteReason.SERVED_STALE);
                Set<String> servers = new HashSet<>();
                for (int i = 0; i < 50; i++) {
                    ReadReceipt receipt = read(two, limited);
                    servers.add(receipt.server());
                    assertThat(receipt.source()).isEqualTo(ReadSource.REPLICA);
                    boolean stale =
                            receipt.server().equals(address(Stand.topology().replicaUrl(0)));
                    assertThat(receipt.reason())
                            .as("%s", receipt)
                            .isEqualTo(stale ? RouteReason.SERVED_STALE : RouteReason.REPLICA_FRESH);
                }
                assertThat(servers).as("who bears the load").hasSize(2);
                for (int i = 0; i < 20; i++) {
                    assertThat(read(two, HALF_A_SECOND).reason())
                            .as("without a limit")
                            .isEqualTo(RouteReason.REPLICA_FRESH);
                }

                faults.pauseReplay(1);
                two.start(NewSaga.named("what neither has"));
                Await.until("both are stale", () -> read(two, HALF_A_SECOND).source() == ReadSource.PRIMARY);
                for (int i = 0; i < 20; i++) {
                    assertThat(read(two, limited).reason())
                            .as("rather than the primary")
                            .isEqualTo(RouteReason.SERVED_STALE);
                }
            } finally {
                faults.resumeReplayEverywhere();
            }
        }
        awaitBoth(store);
    }

    @Test
    void behindOnePoolerTheReadsFindTheOtherReplica() {
        try (RoutingSagaStore pooled = Stand.builder(schema).build()) {
            Await.until("a replica is fresh", () -> read(pooled, HALF_A_SECOND).source() == ReadSource.REPLICA);
            String known = read(pooled, HALF_A_SECOND).server();
            int index = known.equals(address(Stand.topology().replicaUrl(0))) ? 0 : 1;
            Stand.topology().faults().pauseReplay(index);
            try {
                pooled.start(NewSaga.named("what the paused one lacks"));
                Await.until("reads have found the other", () -> {
                    ReadReceipt receipt = read(pooled, HALF_A_SECOND);
                    return receipt.source() == ReadSource.REPLICA
                            && !receipt.server().equals(known);
                });
                for (int i = 0; i < 50; i++) {
                    assertThat(read(pooled, HALF_A_SECOND).source())
                            .as("read %d", i)
                            .isEqualTo(ReadSource.REPLICA);
                }
            } finally {
                Stand.topology().faults().resumeReplay(index);
            }
        }
    }

    /** PgBouncer hands out an idle connection rather than open another, and here all of them lead to the same replica. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOtherIsFoundThoughThePoolerHasMoreConnectionsToTheFirstThanFitIntoThePool(boolean promoted)
            throws Exception {
        try (Topology topology = Topology.builder().replicas(2).start()) {
            topology.faults().stopReplica(1);
            List<Connection> crowd = new ArrayList<>();
            for (int i = 0; i < 3 * FEW; i++) {
                crowd.add(topology.connect(topology.roUrl(), topology.reader()));
            }
            for (Connection one : crowd) {
                one.close();
            }
            topology.faults().startReplica(1);
            PoolConfig narrow = pool(topology.roUrl(), topology.reader()).maximumSize(FEW);
            try (RoutingSagaStore pooled = store(topology, narrow)) {
                String first = address(topology.replicaUrl(0));
                Await.until(
                        "the first answers",
                        () -> read(pooled, HALF_A_SECOND).server().equals(first));
                if (promoted) {
                    topology.faults().promote(0);
                } else {
                    topology.faults().pauseReplay(0);
                    pooled.start(NewSaga.named("what the first lacks"));
                }
                String other = address(topology.replicaUrl(1));
                Await.until(
                        "the other answers",
                        () -> read(pooled, HALF_A_SECOND).server().equals(other));
            }
        }
    }

    /**
     * A read waits on one replica for a lock that replay holds there, and is given up: by replay, which needs the other lock that
     * the read has, or by an operator. The primary would have it wait as well; the other replica has replayed neither lock.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReadThatOneReplicaGaveUpIsAnsweredByTheOther(boolean byReplay) throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        try (Topology topology = Topology.builder().replicas(2).start();
                RoutingSagaStore own = store(topology);
                Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                Connection first = topology.connect(topology.replicaUrl(0), topology.superuser());
                Statement lock = owner.createStatement()) {
            awaitBoth(own);
            execute(first, "ALTER SYSTEM SET max_standby_streaming_delay = '" + (byReplay ? "50ms" : "-1") + "'");
            execute(first, "SELECT pg_reload_conf()");
            topology.faults().pauseReplay(1);
            owner.setAutoCommit(false);
            lock.execute("LOCK TABLE saga_steps IN ACCESS EXCLUSIVE MODE");
            flush(own);
            Await.until(
                    "replay has the lock", () -> has(first, "pg_locks WHERE granted AND mode = 'AccessExclusiveLock'"));

            // Whichever server has the turn, one of two reads comes to the first.
            List<Future<ReadReceipt>> reads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                reads.add(executor.submit(() ->
                        own.reads(ReadConsistency.any()).find(SagaId.next()).receipt()));
            }
            Await.until("a read waits for the lock", () -> has(first, WAITING));
            if (byReplay) {
                lock.execute("LOCK TABLE saga_executions IN ACCESS EXCLUSIVE MODE");
                flush(own);
            } else {
                execute(first, "SELECT pg_terminate_backend(pid) FROM " + WAITING);
            }
            for (Future<ReadReceipt> read : reads) {
                ReadReceipt receipt = read.get();
                assertThat(receipt.source()).isEqualTo(ReadSource.REPLICA);
                assertThat(receipt.server()).isEqualTo(address(topology.replicaUrl(1)));
            }
            if (byReplay) {
                // The server counts its conflicts a moment later.
                Await.until(
                        "replay has cancelled it",
                        () -> has(first, "pg_stat_database_conflicts WHERE confl_lock + confl_deadlock > 0"));
            }
            owner.rollback();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whatTheStoreKnowsOfItsServersCanBeAsked() {
        StoreHealth health = store.health();
        assertThat(health.canWrite()).isTrue();
        assertThat(health.canRead()).isTrue();
        assertThat(health.primary()).isEqualTo(address(Stand.topology().primaryUrl()));
        assertThat(health.replicas()).hasSize(2).allSatisfy(replica -> {
            assertThat(replica.answers()).isTrue();
            assertThat(replica.staleness()).isPresent();
            assertThat(replica.lastAnswer()).isPresent();
        });
        assertThat(health.pools())
                .extracting(StoreHealth.PoolUse::name)
                .containsExactly("sagaz-rw", "sagaz-ro", "sagaz-ro-2");
        assertThat(health.pools()).allSatisfy(pool -> {
            assertThat(pool.open()).isBetween(1, pool.most());
            assertThat(pool.inUse()).isZero();
            assertThat(pool.waiting()).isZero();
        });
        assertThat(health.primaryReads()).isZero();
        assertThat(health.mostPrimaryReads()).isEqualTo(2);
    }

    @Test
    void aStoreWhoseServersAreGoneSaysSoAndRecovers() {
        try (Topology topology = Topology.builder().replicas(1).start();
                RoutingSagaStore own = RoutingSagaStore.builder()
                        .write(pool(topology.rwUrl(), topology.app()))
                        .read(pool(topology.roUrl(), topology.reader()))
                        .direct(pool(topology.primaryUrl(), topology.owner()))
                        .build()) {
            Await.until("the replica answers", () -> read(own, HALF_A_SECOND).source() == ReadSource.REPLICA);
            topology.faults().killPrimary();
            Await.until("writes are impossible", () -> !own.health().canWrite());
            assertThat(own.health().canRead()).as("the replica answers still").isTrue();
            topology.faults().killReplica(0);
            Await.until("the replica is missed", () -> {
                assertThatThrownBy(() -> read(own, ReadConsistency.any())).isInstanceOf(StoreException.class);
                return true;
            });
            topology.faults().startPrimary();
            Await.until("writes are possible", () -> own.health().canWrite());
            topology.faults().startReplica(0);
            Await.until("the replica is back", () -> read(own, HALF_A_SECOND).source() == ReadSource.REPLICA);
        }
    }

    @Test
    void readPoolsOfDifferentRolesAreRefused() {
        assertThatThrownBy(() -> RoutingSagaStore.builder()
                        .write(Stand.write())
                        .read(
                                replica(0),
                                pool(
                                        Stand.topology().replicaUrl(1),
                                        Stand.topology().app()))
                        .direct(Stand.direct())
                        .schema(schema)
                        .build())
                .isInstanceOf(StoreConfigurationException.class)
                .hasMessageContaining("same role");
    }

    /** Somebody's commit takes along what an open transaction has written to the log; nobody else sends it for many seconds. */
    private static void flush(RoutingSagaStore writing) {
        writing.emit(List.of(OutboxEvent.to("flush")));
    }

    private static RoutingSagaStore store(Topology topology) {
        return store(
                topology,
                pool(topology.replicaUrl(0), topology.reader()),
                pool(topology.replicaUrl(1), topology.reader()));
    }

    private static RoutingSagaStore store(Topology topology, PoolConfig read, PoolConfig... more) {
        return RoutingSagaStore.builder()
                .write(pool(topology.rwUrl(), topology.app()))
                .read(read, more)
                .direct(pool(topology.primaryUrl(), topology.owner()))
                .build();
    }

    private static PoolConfig replica(int index) {
        return pool(Stand.topology().replicaUrl(index), Stand.topology().reader());
    }

    private static PoolConfig pool(String url, Credentials role) {
        return PoolConfig.of(url, role.user(), role.password());
    }

    private static void awaitBoth(RoutingSagaStore reading) {
        Await.until("both replicas are fresh", () -> {
            read(reading, HALF_A_SECOND);
            return reading.health().replicas().stream()
                            .filter(replica -> replica.staleness()
                                    .filter(bound -> bound.toMillis() < 400)
                                    .isPresent())
                            .count()
                    == 2;
        });
    }

    private static Set<String> serversOf(int reads) {
        Set<String> servers = new HashSet<>();
        for (int i = 0; i < reads; i++) {
            servers.add(read(store, HALF_A_SECOND).server());
        }
        return servers;
    }

    private static ReadReceipt read(RoutingSagaStore reading, ReadConsistency consistency) {
        return reading.reads(consistency).countByStatus(SagaFilter.all()).receipt();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean has(Connection connection, String source) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM " + source + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static String address(String url) {
        return url.replaceAll(".*//(.*)/.*", "$1");
    }
}
