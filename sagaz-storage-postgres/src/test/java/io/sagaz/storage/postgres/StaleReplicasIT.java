package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.OnStale;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a bounded read gets while every replica is further behind than it accepts. */
class StaleReplicasIT {
    private static final Duration BOUND = Duration.ofMillis(500);
    private static final ReadConsistency.AtMost FRESH = ReadConsistency.atMost(BOUND);
    private static final Duration HOUR = Duration.ofHours(1);

    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static String schema;
    private static RoutingSagaStore store;

    @BeforeAll
    static void everyReplicaIsPaused() {
        schema = Stand.newSchema();
        // The gate to the primary is a quarter of its pool: one connection.
        store = RoutingSagaStore.builder()
                .write(Stand.write().maximumSize(4))
                .read(Stand.read())
                .direct(Stand.direct())
                .schema(schema)
                .meterRegistry(METERS)
                .build();
        Await.until("a replica is fresh", () -> read(FRESH).source() == ReadSource.REPLICA);
        Stand.topology().faults().pauseReplayEverywhere();
        store.emit(List.of(OutboxEvent.to("what no replica has")));
        Await.until("no replica is fresh", () -> read(FRESH).source() == ReadSource.PRIMARY);
    }

    @AfterAll
    static void close() {
        Stand.topology().faults().resumeReplayEverywhere();
        store.close();
    }

    @Test
    void thePrimaryIsAskedFirstUnlessToldOtherwise() {
        assertThat(read(FRESH).reason()).isEqualTo(RouteReason.REPLICA_STALE);
        ReadReceipt withinTheLimit = read(FRESH.limit(HOUR));
        assertThat(withinTheLimit.source()).isEqualTo(ReadSource.PRIMARY);
        assertThat(withinTheLimit.reason()).isEqualTo(RouteReason.REPLICA_STALE);
    }

    @Test
    void aDashboardTakesAStalerAnswerAndIsToldHowStale() {
        ReadReceipt stale = read(FRESH.onStale(OnStale.SERVE_STALE).limit(HOUR));
        assertThat(stale.source()).isEqualTo(ReadSource.REPLICA);
        assertThat(stale.reason()).isEqualTo(RouteReason.SERVED_STALE);
        assertThat(stale.staleness().orElseThrow()).isBetween(BOUND, HOUR);
    }

    @Test
    void beyondTheLimitThePrimaryIsAsked() {
        ReadConsistency hardly = FRESH.onStale(OnStale.SERVE_STALE).limit(BOUND.plusNanos(1));
        assertThat(read(hardly).source()).isEqualTo(ReadSource.PRIMARY);
        assertThat(read(FRESH.onStale(OnStale.SERVE_STALE)).source())
                .as("without a limit beyond the bound")
                .isEqualTo(ReadSource.PRIMARY);
    }

    @Test
    void whatIsWorthNoOtherAnswerFailsAtOnce() {
        double before = rejected();
        assertThatThrownBy(() -> read(FRESH.onStale(OnStale.FAIL).limit(HOUR)))
                .isInstanceOfSatisfying(
                        ReplicaTooStaleException.class,
                        e -> assertThat(e.retryAfter()).isPositive())
                .hasMessageContaining("REPLICA_STALE")
                .hasMessageContaining("OnStale.FAIL");
        assertThat(rejected()).isEqualTo(before + 1);
    }

    @Test
    void whenThePrimaryHasNoRoomAStalerAnswerIsTakenWithinTheLimit() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection owner = Stand.asOwner();
                Statement statement = owner.createStatement()) {
            owner.setAutoCommit(false);
            statement.execute("LOCK TABLE " + schema + ".saga_executions IN ACCESS EXCLUSIVE MODE");
            Future<ReadReceipt> blocked = executor.submit(() -> read(FRESH));
            Await.until(
                    "a read takes all the room that there is",
                    () -> Stand.count("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '" + schema
                                    + ".saga_executions'::regclass")
                            == 1);

            ReadReceipt stale = read(FRESH.limit(HOUR));
            assertThat(stale.reason()).isEqualTo(RouteReason.SERVED_STALE);
            assertThat(stale.staleness().orElseThrow()).isBetween(BOUND, HOUR);

            double before = rejected();
            assertThatThrownBy(() -> read(FRESH))
                    .isInstanceOf(ReplicaTooStaleException.class)
                    .hasMessageContaining("all 1 connections");
            assertThat(rejected()).isEqualTo(before + 1);

            owner.rollback();
            assertThat(blocked.get().source()).isEqualTo(ReadSource.PRIMARY);
        } finally {
            executor.shutdownNow();
        }
    }

    private static double rejected() {
        return METERS.find(StoreMeterNames.READS_REJECTED).tag("reason", "replica_stale").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private static ReadReceipt read(ReadConsistency consistency) {
        return store.reads(consistency).countByStatus(SagaFilter.all()).receipt();
    }
}
