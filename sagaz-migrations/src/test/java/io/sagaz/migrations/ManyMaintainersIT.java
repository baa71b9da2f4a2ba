package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;

/**
 * Ten maintainers of all kinds at once, again and again, while the days go by, events are written and relays publish them,
 * one of them late. Time is moved; everything else is as it is.
 */
@Lab
class ManyMaintainersIT {
    /** A hundred in a long run. */
    private static final int ROUNDS = Integer.getInteger("sagaz.maintenance.rounds", 20);

    private static final int MAINTAINERS = 10;
    /** In so many rounds the slow relay comes by once. */
    private static final int SLOW = 10;

    private final AtomicReference<Instant> today =
            new AtomicReference<>(Instant.now().truncatedTo(ChronoUnit.DAYS));
    /** The events that the slow relay has not published. */
    private final Set<String> owed = ConcurrentHashMap.newKeySet();

    private final ReadWriteLock publishing = new ReentrantReadWriteLock();

    @Test
    void noErrorNoOverlapNoGapAndNothingLost(Database database) throws Exception {
        database.migrations().migrate();
        long seed = Long.getLong("sagaz.seed", new Random().nextLong());
        Random random = new Random(seed);
        System.out.println("Seed " + seed);
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(MAINTAINERS + 2);
        try (Connection owner = database.owner()) {
            Rows.relay(owner, "fast");
            Rows.relay(owner, "slow");
            List<Future<Integer>> writers =
                    List.of(executor.submit(() -> write(database, over)), executor.submit(() -> write(database, over)));
            try {
                for (int round = 1; round <= ROUNDS; round++) {
                    today.updateAndGet(day -> day.plus(random.nextInt(1, 6), ChronoUnit.DAYS));
                    maintain(database, executor);
                    assertNoGap(owner, round);
                    publish(owner, round);
                }
            } finally {
                over.set(true);
            }
            for (Future<Integer> writer : writers) {
                assertThat(writer.get()).as("events written").isPositive();
            }
            Rows.publishAll(owner, "fast");
            Rows.publishAll(owner, "slow");
            MaintenanceReport last = database.maintenance(Route.DIRECT)
                    .atTime(now -> today.get())
                    .run();
            assertThat(last.of(PartitionAction.Kind.KEEP)).isEmpty();
            assertThat(last.of(PartitionAction.Kind.FAIL)).isEmpty();
            assertThat(Sql.value(owner, "SELECT count(*) FROM sagaz_expired_partitions('" + today.get() + "')"))
                    .isEqualTo("0");
            assertThat(Sql.rows(owner, "SELECT * FROM partition_retirements")).isEmpty();
        } finally {
            over.set(true);
            executor.shutdownNow();
        }
    }

    private void maintain(Database database, ExecutorService executor) throws Exception {
        List<Callable<List<String>>> maintainers = new ArrayList<>();
        for (int i = 0; i < MAINTAINERS; i++) {
            switch (i % 3) {
                case 0 -> maintainers.add(() -> inJava(database, Route.DIRECT));
                case 1 -> maintainers.add(() -> inSql(database));
                default -> maintainers.add(() -> inJava(database, Route.POOLED));
            }
        }
        for (Future<List<String>> maintainer : executor.invokeAll(maintainers)) {
            assertThat(maintainer.get()).as("failures").isEmpty();
        }
    }

    private List<String> inJava(Database database, Route route) {
        MigrationConfig config = database.config(route, database.test().owner()).withLockWait(Duration.ofSeconds(2));
        return PartitionMaintenance.of(config).atTime(now -> today.get()).run().of(PartitionAction.Kind.FAIL).stream()
                .map(PartitionAction::toString)
                .toList();
    }

    private List<String> inSql(Database database) throws SQLException {
        try (Connection connection =
                database.connect(database.pooled(), database.test().owner())) {
            return Sql.rows(connection, "SELECT * FROM sagaz_maintain('" + today.get() + "') WHERE action = 'FAIL'");
        }
    }

    private void assertNoGap(Connection owner, int round) throws SQLException {
        assertThat(Sql.rows(owner, "SELECT * FROM sagaz_partition_plan('" + today.get() + "') WHERE NOT present"))
                .as("missing in round %s", round)
                .isEmpty();
        assertThat(Sql.rows(
                        owner,
                        "SELECT * FROM (SELECT table_name, partition_start,"
                                + " lag(partition_end) OVER (PARTITION BY table_name ORDER BY partition_start) AS before"
                                + " FROM partition_metadata WHERE state = 'ATTACHED' AND partition_end > '"
                                + today.get()
                                + "') p WHERE before <> partition_start"))
                .as("gaps and overlaps in round %s", round)
                .isEmpty();
    }

    private void publish(Connection owner, int round) throws SQLException {
        Rows.publishAll(owner, "fast");
        if (round % SLOW == 0) {
            // Meanwhile nobody writes, so that it is known what it publishes.
            publishing.writeLock().lock();
            try {
                Set<String> lost = new HashSet<>(owed);
                Sql.rows(owner, "SELECT event_id FROM saga_outbox").forEach(lost::remove);
                assertThat(lost)
                        .as("events owed to the slow relay, lost in round %s", round)
                        .isEmpty();
                Rows.publishAll(owner, "slow");
                owed.clear();
            } finally {
                publishing.writeLock().unlock();
            }
        }
    }

    /** Events of today, each in a transaction of its own. */
    private int write(Database database, AtomicBoolean over) throws SQLException {
        try (Connection app = database.app()) {
            int written = 0;
            while (!over.get()) {
                publishing.readLock().lock();
                try {
                    Instant time = today.get();
                    owed.add(Sql.value(
                            app,
                            "INSERT INTO saga_outbox (event_id, created_at, topic, payload) VALUES (sagaz_uuid7('"
                                    + time + "'), '" + time + "', 't', '{}') RETURNING event_id"));
                    written++;
                } finally {
                    publishing.readLock().unlock();
                }
            }
            return written;
        }
    }
}
