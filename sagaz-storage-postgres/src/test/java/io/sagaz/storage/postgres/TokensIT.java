package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever has a token sees what its maker wrote. The reader is another store, which knows of the writer by text alone. */
class TokensIT {
    private static final int READERS = 4;
    /** {@code -Dsagaz.token.reads=100000} for the long run. */
    private static final int READS = Integer.getInteger("sagaz.token.reads", 2_000);

    private static final ReadConsistency HOUR = ReadConsistency.atMost(Duration.ofHours(1));

    private static String schema;
    private static RoutingSagaStore writer;
    private static RoutingSagaStore reader;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        writer = Stand.builder(schema).build();
        reader = Stand.builder(schema).build();
        Await.until("a replica is known", () -> receipt(reader, HOUR).source() == ReadSource.REPLICA);
    }

    @AfterAll
    static void close() {
        writer.close();
        reader.close();
    }

    @Test
    void whoHasATokenReadsWhatItsMakerWrote() throws Exception {
        AtomicInteger fromReplicas = new AtomicInteger();
        Callable<Integer> pair = () -> {
            int missed = 0;
            for (int i = 0; i < READS / READERS; i++) {
                SagaId id = written(i);
                String header = writer.causalToken().toString();
                ReadResult<Optional<Saga>> read = read(reader, header, id);
                missed += read.value().isPresent() ? 0 : 1;
                if (read.receipt().source() == ReadSource.REPLICA) {
                    fromReplicas.incrementAndGet();
                    assertThat(read.receipt().reason()).isEqualTo(RouteReason.TOKEN_REACHED);
                }
            }
            return missed;
        };
        List<Callable<Integer>> pairs = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            pairs.add(pair);
        }
        assertThat(Together.run(pairs)).containsOnly(0);
        System.out.printf("%d reads by token, %d of them from replicas, 0 misses%n", READS, fromReplicas.get());
        assertThat(fromReplicas).as("reads from replicas").hasPositiveValue();
    }

    /** A start, and now and then one whose commit is acknowledged before it is on disk, as only other services do. */
    private static SagaId written(int i) throws SQLException {
        if (i % 8 != 0) {
            return writer.start(NewSaga.named("token")).id();
        }
        SagaId id = SagaId.next();
        try (Connection owner = Stand.asOwner();
                PreparedStatement async = owner.prepareStatement("SET synchronous_commit = off");
                PreparedStatement insert = owner.prepareStatement("INSERT INTO " + schema
                        + ".saga_executions (saga_id, created_at, saga_name, status) VALUES (?::text::uuid, "
                        + schema + ".sagaz_uuid7_time(?::text::uuid), 'token', 'PENDING')")) {
            async.execute();
            insert.setString(1, id.toString());
            insert.setString(2, id.toString());
            insert.executeUpdate();
        }
        return id;
    }

    @Test
    void aReplicaThatHasNotReachedTheTokenIsPassedOver() {
        CausalToken before = writer.causalToken();
        Await.until(
                "a replica has reached the token",
                () -> receipt(reader, ReadConsistency.atLeast(before)).source() == ReadSource.REPLICA);
        Faults faults = Stand.topology().faults();
        faults.pauseReplayEverywhere();
        try {
            SagaId id = writer.start(NewSaga.named("paused")).id();
            String token = writer.causalToken().toString();
            long begin = System.nanoTime();
            ReadResult<Optional<Saga>> read = read(reader, token, id);
            assertThat(System.nanoTime() - begin).as("waited for").isGreaterThanOrEqualTo(50_000_000);
            assertThat(read.value()).isPresent();
            assertThat(read.receipt().source()).isEqualTo(ReadSource.PRIMARY);
            assertThat(read.receipt().reason()).isEqualTo(RouteReason.TOKEN_AWAITED);

            assertThat(receipt(reader, ReadConsistency.atLeast(before)).reason())
                    .as("an earlier token is reached for good")
                    .isEqualTo(RouteReason.TOKEN_REACHED);
        } finally {
            faults.resumeReplayEverywhere();
        }
        CausalToken after = writer.causalToken();
        Await.until(
                "reads return to the replicas",
                () -> receipt(reader, ReadConsistency.atLeast(after)).source() == ReadSource.REPLICA);
    }

    @Test
    void anUnfinishedTransactionKeepsNoTokenFromBeingReached() throws SQLException {
        try (Connection owner = Stand.asOwner();
                PreparedStatement insert = owner.prepareStatement(
                        "INSERT INTO " + schema
                                + ".saga_executions (saga_name, status) SELECT 'open', 'PENDING' FROM generate_series(1, 20000)")) {
            owner.setAutoCommit(false);
            insert.execute();
            // Its log is behind what was flushed, and nobody commits.
            SagaId id = writer.start(NewSaga.named("beside")).id();
            insert.execute();
            CausalToken token = writer.causalToken();
            Await.until("a replica reaches the token", () -> {
                ReadResult<Optional<Saga>> read = read(reader, token.toString(), id);
                assertThat(read.value()).isPresent();
                return read.receipt().source() == ReadSource.REPLICA;
            });
            owner.rollback();
        }
    }

    @Test
    void aCommitOfAFrameworkHasItsTokenFromALookThatIsTakenAnyway() throws SQLException {
        NewSaga saga = NewSaga.named("framework");
        PendingToken pending;
        try (Connection connection = Stand.topology()
                .connect(Stand.topology().rwUrl(), Stand.topology().app())) {
            connection.setAutoCommit(false);
            writer.join(connection).start(saga);
            connection.commit();
            pending = writer.pendingToken();
        }
        Await.until("a look at the primary gives the token", () -> {
            receipt(writer, HOUR);
            return pending.known().isPresent();
        });
        ReadResult<Optional<Saga>> read =
                read(reader, pending.known().orElseThrow().toString(), saga.id());
        assertThat(read.value()).isPresent();
        assertThat(pending.get().merge(pending.known().orElseThrow()).systemIdentifier())
                .isEqualTo(writer.causalToken().systemIdentifier());

        SagaId next = writer.start(NewSaga.named("asked at once")).id();
        assertThat(read(reader, writer.pendingToken().get().toString(), next).value())
                .as("asked for before anybody looked")
                .isPresent();
    }

    @Test
    void whatIsNotOfThisHistoryGoesToThePrimary() {
        CausalToken token = writer.causalToken();
        List<CausalToken> others = List.of(
                new CausalToken(token.systemIdentifier() + 1, token.timeline(), 1),
                new CausalToken(token.systemIdentifier(), token.timeline(), token.position() + (1L << 40)),
                new CausalToken(token.systemIdentifier(), token.timeline(), -1),
                new CausalToken(token.systemIdentifier(), token.timeline() + 1, token.position()));
        for (CausalToken other : others) {
            ReadReceipt receipt = receipt(reader, ReadConsistency.atLeast(other));
            assertThat(receipt.source()).isEqualTo(ReadSource.PRIMARY);
            assertThat(receipt.reason()).as("%s", other).isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
        }
    }

    @Test
    void manyTakeTokensAtOnce() throws Exception {
        List<CausalToken> tokens = Together.run(32, () -> {
            CausalToken last = writer.causalToken();
            for (int i = 0; i < 20; i++) {
                if (ThreadLocalRandom.current().nextInt(4) == 0) {
                    writer.start(NewSaga.named("crowd"));
                }
                CausalToken next = writer.causalToken();
                assertThat(last.merge(next)).as("time goes on").isEqualTo(next);
                last = next;
            }
            return last;
        });
        assertThat(tokens).hasSize(32);
    }

    @Test
    void withoutReplicasThePrimaryAnswers() {
        try (RoutingSagaStore alone = RoutingSagaStore.builder()
                .write(Stand.write())
                .direct(Stand.direct())
                .schema(schema)
                .build()) {
            SagaId id = alone.start(NewSaga.named("alone")).id();
            ReadResult<Optional<Saga>> read = read(alone, alone.causalToken().toString(), id);
            assertThat(read.value()).isPresent();
            assertThat(read.receipt().reason()).isEqualTo(RouteReason.NO_REPLICAS);
            CausalToken ours = alone.causalToken();
            CausalToken foreign = new CausalToken(ours.systemIdentifier() + 1, ours.timeline(), 1);
            assertThat(receipt(alone, ReadConsistency.atLeast(foreign)).reason())
                    .isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
        }
    }

    /**
     * A replica was promoted while the old primary went on: two histories with the same positions in them. The other replica
     * follows the old one, and has nothing to say to those who write to the new one, however far its log goes.
     */
    @Test
    void aReplicaOfTheHistoryThatWasLeftAnswersNobody() {
        try (Topology split = Topology.builder().replicas(2).start();
                RoutingSagaStore old = store(split, split.rwUrl(), split.replicaUrl(1))) {
            CausalToken common = old.causalToken();
            split.faults().promote(0);
            try (RoutingSagaStore promoted = store(split, split.replicaUrl(0), split.replicaUrl(1))) {
                SagaId id = promoted.start(NewSaga.named("new")).id();
                CausalToken token = promoted.causalToken();
                assertThat(token.timeline()).isEqualTo(common.timeline() + 1);
                for (int i = 0; i < 200; i++) {
                    old.start(NewSaga.named("old").steps("a", "b", "c"));
                }
                CausalToken lost = old.causalToken();
                assertThat(lost.position()).as("the old history went further").isGreaterThan(token.position());
                Await.until(
                        "the other replica has replayed the old history",
                        () -> receipt(old, ReadConsistency.atLeast(lost)).source() == ReadSource.REPLICA);

                for (int i = 0; i < 50; i++) {
                    ReadResult<Optional<Saga>> read = read(promoted, token.toString(), id);
                    assertThat(read.value()).isPresent();
                    assertThat(read.receipt().source()).isEqualTo(ReadSource.PRIMARY);
                    assertThat(receipt(promoted, HOUR).source())
                            .as("a bound on the old history is none on the new one")
                            .isEqualTo(ReadSource.PRIMARY);
                }
                assertThat(receipt(promoted, ReadConsistency.atLeast(lost)).reason())
                        .isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
                assertThat(receipt(old, ReadConsistency.atLeast(token)).reason())
                        .isEqualTo(RouteReason.TOKEN_OF_ANOTHER_HISTORY);
            }
        }
    }

    @Test
    void aPrimaryThatIsGoneGivesNoTokenButReplicasGoOnToServeThem() {
        try (Topology topology = Topology.builder().replicas(1).start();
                RoutingSagaStore store = store(topology, topology.rwUrl(), topology.roUrl())) {
            CausalToken token = store.causalToken();
            Await.until(
                    "the replica has reached it",
                    () -> receipt(store, ReadConsistency.atLeast(token)).source() == ReadSource.REPLICA);
            topology.faults().restartPrimary();
            Await.until("a primary that is back is asked again", () -> givesLaterToken(store, token));
            topology.faults().killPrimary();
            assertThatThrownBy(store::causalToken)
                    .isInstanceOf(TransientStoreException.class)
                    .hasMessageContaining("could not be asked how far its log is");
            assertThat(receipt(store, ReadConsistency.atLeast(token)).reason()).isEqualTo(RouteReason.TOKEN_REACHED);

            ReadConsistency.AtMost narrow = ReadConsistency.atMost(Duration.ofMillis(1));
            assertThatThrownBy(() -> receipt(store, narrow)).isInstanceOf(TransientStoreException.class);
            ReadReceipt stale = receipt(store, narrow.limit(Duration.ofHours(1)));
            assertThat(stale.source()).isEqualTo(ReadSource.REPLICA);
            assertThat(stale.reason()).isEqualTo(RouteReason.SERVED_STALE);
        }
    }

    private static boolean givesLaterToken(RoutingSagaStore store, CausalToken token) {
        try {
            return !store.causalToken().merge(token).equals(token);
        } catch (TransientStoreException e) {
            return false; // Whether the primary was asked while it was down is a matter of luck.
        }
    }

    private static RoutingSagaStore store(Topology topology, String writeUrl, String readUrl) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                        writeUrl, topology.app().user(), topology.app().password()))
                .read(PoolConfig.of(
                        readUrl, topology.reader().user(), topology.reader().password()))
                .direct(PoolConfig.of(
                        writeUrl.equals(topology.rwUrl()) ? topology.primaryUrl() : writeUrl,
                        topology.owner().user(),
                        topology.owner().password()))
                .build();
    }

    private static ReadResult<Optional<Saga>> read(RoutingSagaStore store, String header, SagaId id) {
        return store.reads(ReadConsistency.atLeast(CausalToken.parse(header))).find(id);
    }

    private static ReadReceipt receipt(RoutingSagaStore store, ReadConsistency consistency) {
        return store.reads(consistency).countByStatus(SagaFilter.all()).receipt();
    }
}
