package io.sagaz.outbox;

import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.testkit.Ledger;
import java.sql.Connection;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two of three instances of a relay are killed again and again, while services commit late, roll back and use savepoints. */
class KilledRelaysIT {
    private static final int INSTANCES = 3;
    private static final int WRITERS = 2;
    private static final int BATCH = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** {@code -Dsagaz.relay.kills=50} for the long run. */
    private static final int KILLS = Integer.getInteger("sagaz.relay.kills", 4);

    @Test
    void nothingIsLostAndTheOrderIsKept() throws Exception {
        long seed = Long.getLong("sagaz.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Ledger ledger = Ledger.ofSeed(seed);
        ExecutorService executor = Executors.newCachedThreadPool();
        List<RelayProcess> relays = new ArrayList<>();
        AtomicBoolean ended = new AtomicBoolean();
        try (RelayStand stand = RelayStand.open();
                LedgerServer broker = new LedgerServer(ledger)) {
            stand.store().outboxLog().register("default", RelayStart.beginning());
            for (int i = 0; i < INSTANCES; i++) {
                relays.add(RelayProcess.start(stand, broker, BATCH));
            }
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                long own = random.nextLong();
                writers.add(executor.submit(() -> write(stand, ledger, writer, new Random(own), ended)));
            }
            int killed = 0;
            while (killed < KILLS) {
                ledger.awaitArrived(ledger.arrived() + 200 + random.nextInt(2_000), PATIENCE);
                int spared = random.nextInt(INSTANCES);
                for (int i = 0; i < INSTANCES && killed < KILLS; i++) {
                    if (i != spared) {
                        relays.get(i).kill();
                        killed++;
                    }
                }
                for (int i = 0; i < INSTANCES; i++) {
                    if (!relays.get(i).isAlive()) {
                        relays.set(i, RelayProcess.start(stand, broker, BATCH));
                    }
                }
            }
            ended.set(true);
            for (Future<?> writer : writers) {
                writer.get();
            }
            Ledger.Verdict verdict = ledger.awaitPromised(PATIENCE);
            System.out.printf(
                    "%d kills, %d events, %d arrived, %d duplicates (at most %d for each kill)%n",
                    killed,
                    verdict.promised(),
                    verdict.arrived(),
                    verdict.duplicates().size(),
                    BATCH);
            verdict.assertAtLeastOnce().assertInOrder().assertDuplicatesAtMost(BATCH * killed);
        } finally {
            ended.set(true);
            relays.forEach(RelayProcess::close);
            executor.shutdownNow();
        }
    }

    /** Commits some transactions at once, some after others that began later, and rolls some back, as a whole or in part. */
    private static @Nullable Void write(RelayStand stand, Ledger ledger, int writer, Random random, AtomicBoolean ended)
            throws Exception {
        int number = 0;
        while (!ended.get()) {
            try (Connection late = stand.connect();
                    Connection quick = stand.connect()) {
                late.setAutoCommit(false);
                quick.setAutoCommit(false);
                List<OutboxEvent> slow = new ArrayList<>();
                String slowKey = "slow-" + writer;
                int first = number;
                for (int i = 0; i < 1 + random.nextInt(5); i++) {
                    slow.add(RelayStand.event(slowKey, number++));
                }
                stand.store().join(late).emit(slow);
                for (int i = 0; i < random.nextInt(8); i++) {
                    String key = "k" + writer + "-" + random.nextInt(20);
                    stand.store().join(quick).emit(List.of(RelayStand.event(key, number)));
                    Savepoint savepoint = quick.setSavepoint();
                    stand.store().join(quick).emit(List.of(RelayStand.event(key, -1)));
                    quick.rollback(savepoint);
                    if (random.nextInt(4) == 0) {
                        quick.rollback();
                    } else {
                        quick.commit();
                        ledger.promise(key, number);
                    }
                    number++;
                }
                if (random.nextInt(5) == 0) {
                    late.rollback();
                } else {
                    late.commit();
                    for (int i = 0; i < slow.size(); i++) {
                        ledger.promise(slowKey, first + i);
                    }
                }
            }
        }
        return null;
    }
}
