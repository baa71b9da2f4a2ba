package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.log.RelayStart;
import java.sql.Connection;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Two of three instances of a relay are killed again and again, while services commit late, roll back and use savepoints. */
class KilledRelaysIT {
    private static final int INSTANCES = 3;
    private static final int WRITERS = 2;
    private static final int BATCH = 200;
    /** {@code -Dsagaz.relay.kills=50} for the long run. */
    private static final int KILLS = Integer.getInteger("sagaz.relay.kills", 4);

    private final Map<String, List<Integer>> emitted = new HashMap<>();

    @Test
    void nothingIsLostAndTheOrderIsKept() throws Exception {
        long seed = Long.getLong("sagaz.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        ExecutorService executor = Executors.newCachedThreadPool();
        List<RelayProcess> relays = new ArrayList<>();
        AtomicBoolean ended = new AtomicBoolean();
        try (RelayStand stand = RelayStand.open();
                LedgerServer ledger = new LedgerServer()) {
            stand.store().outboxLog().register("default", RelayStart.beginning());
            for (int i = 0; i < INSTANCES; i++) {
                relays.add(RelayProcess.start(stand, ledger, BATCH));
            }
            List<Future<Integer>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                long own = random.nextLong();
                writers.add(executor.submit(() -> write(stand, writer, new Random(own), ended)));
            }
            int killed = 0;
            while (killed < KILLS) {
                int before = ledger.distinct();
                int more = 200 + random.nextInt(2_000);
                RelayStand.await("events arrive", () -> ledger.distinct() > before + more);
                int spared = random.nextInt(INSTANCES);
                for (int i = 0; i < INSTANCES && killed < KILLS; i++) {
                    if (i != spared) {
                        relays.get(i).kill();
                        killed++;
                    }
                }
                for (int i = 0; i < INSTANCES; i++) {
                    if (!relays.get(i).isAlive()) {
                        relays.set(i, RelayProcess.start(stand, ledger, BATCH));
                    }
                }
            }
            ended.set(true);
            int events = 0;
            for (Future<Integer> writer : writers) {
                events += writer.get();
            }
            int expected = events;
            RelayStand.await("all have arrived", () -> ledger.distinct() >= expected);
            System.out.printf(
                    "%d kills, %d events, %d arrived, %d duplicates (at most %d for each kill)%n",
                    killed, events, ledger.distinct(), ledger.duplicates(), BATCH);
            assertThat(ledger.distinct()).as("lost, seed %s", seed).isEqualTo(events);
            assertThat(ledger.firstArrivals())
                    .as("order of each key, seed %s", seed)
                    .isEqualTo(emitted);
            assertThat(ledger.duplicates()).as("seed %s", seed).isLessThanOrEqualTo(BATCH * killed);
        } finally {
            ended.set(true);
            relays.forEach(RelayProcess::close);
            executor.shutdownNow();
        }
    }

    /** Commits some transactions at once, some after others that began later, and rolls some back, as a whole or in part. */
    private int write(RelayStand stand, int writer, Random random, AtomicBoolean ended) throws Exception {
        int committed = 0;
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
                    slow.add(event(slowKey, number++));
                }
                stand.store().join(late).emit(slow);
                for (int i = 0; i < random.nextInt(8); i++) {
                    String key = "k" + writer + "-" + random.nextInt(20);
                    stand.store().join(quick).emit(List.of(event(key, number)));
                    Savepoint savepoint = quick.setSavepoint();
                    stand.store().join(quick).emit(List.of(event(key, -1)));
                    quick.rollback(savepoint);
                    if (random.nextInt(4) == 0) {
                        quick.rollback();
                    } else {
                        quick.commit();
                        note(key, number);
                        committed++;
                    }
                    number++;
                }
                if (random.nextInt(5) == 0) {
                    late.rollback();
                } else {
                    late.commit();
                    for (int i = 0; i < slow.size(); i++) {
                        note(slowKey, first + i);
                    }
                    committed += slow.size();
                }
            }
        }
        return committed;
    }

    private static OutboxEvent event(String key, int number) {
        return OutboxEvent.to("orders").key(key).json("{}").header("n", Integer.toString(number));
    }

    private void note(String key, int number) {
        synchronized (emitted) {
            emitted.computeIfAbsent(key, first -> new ArrayList<>()).add(number);
        }
    }
}
