package io.sagaz.cli.demo;

import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReplicaTooStaleException;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The dashboard: one thread that reads sagas, lists and counts while the order service writes, and checks every answer
 * against the ledger.
 */
final class Dashboard {
    /** How old an answer may be. */
    static final Duration FRESHNESS = Duration.ofMillis(500);

    private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(25);
    private static final int FINDS_PER_ROUND = 10;
    private static final int ROUNDS_PER_LIST = 2;
    private static final int ROUNDS_PER_COUNT = 10;
    private static final int PAGE = 20;
    /** Orders of the last moments: the ones for which freshness matters. */
    private static final int NEWEST = 500;

    private static final SagaFilter ORDERS = SagaFilter.named("order");

    private final SagaReads reads;
    private final Ledger ledger;
    private final AnswerCheck check;
    private final Meter meter;
    private final SplittableRandom random;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::watch, "dashboard");

    Dashboard(RoutingSagaStore store, Ledger ledger, Meter meter, long seed) {
        this.reads = store.reads(ReadConsistency.atMost(FRESHNESS));
        this.ledger = ledger;
        this.check = new AnswerCheck(ledger);
        this.meter = meter;
        this.random = new SplittableRandom(seed);
        thread.setDaemon(true);
    }

    void open() {
        thread.start();
    }

    /** Asks no more. */
    void close() {
        closing.countDown();
    }

    /** Waits for the answer to the last question. */
    void awaitIdle(Duration atMost) throws InterruptedException {
        thread.join(atMost.toMillis());
    }

    /** What one read does: asks, and checks what it got. */
    @FunctionalInterface
    private interface Question {
        Answer ask(long asked);
    }

    private record Answer(ReadReceipt receipt, AnswerCheck.Findings findings) {}

    private void watch() {
        try {
            for (long round = 0; !closing.await(BETWEEN_ROUNDS.toNanos(), TimeUnit.NANOSECONDS); round++) {
                for (int i = 0; i < FINDS_PER_ROUND; i++) {
                    findOne(i % 2 == 0 ? NEWEST : Integer.MAX_VALUE);
                }
                if (round % ROUNDS_PER_LIST == 0) {
                    list(filter(round / ROUNDS_PER_LIST));
                }
                if (round % ROUNDS_PER_COUNT == 0) {
                    count();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static SagaFilter filter(long turn) {
        return switch ((int) (turn % 3)) {
            case 0 -> ORDERS;
            case 1 -> ORDERS.status(SagaStatus.COMPENSATED);
            default -> ORDERS.status(SagaStatus.FAILED);
        };
    }

    private void findOne(int newest) throws InterruptedException {
        var order = ledger.any(random, newest);
        if (order.isPresent()) {
            ask("find", asked -> {
                var answer = reads.find(order.get().sagaId());
                return new Answer(answer.receipt(), check.found(order.get().sagaId(), asked, answer));
            });
        }
    }

    private void list(SagaFilter filter) throws InterruptedException {
        ask("list", asked -> {
            var answer = reads.list(filter, PageRequest.first(PAGE));
            return new Answer(answer.receipt(), check.listed(asked, answer));
        });
    }

    private void count() throws InterruptedException {
        ask("countByStatus", asked -> {
            var answer = reads.countByStatus(ORDERS);
            return new Answer(answer.receipt(), check.counted(asked, answer));
        });
    }

    private void ask(String what, Question question) throws InterruptedException {
        if (closing.getCount() == 0) {
            return;
        }
        long asked = ledger.now();
        try {
            Answer answer = question.ask(asked);
            long answered = ledger.now();
            meter.read(answer.receipt(), answered - asked, answered);
            meter.checked(answer.findings());
        } catch (ReplicaTooStaleException e) {
            meter.readRefused();
            closing.await(e.retryAfter().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TransientStoreException e) {
            // The next round asks again.
            meter.readRetried();
        } catch (RuntimeException e) {
            if (closing.getCount() > 0) {
                meter.failed(what, e);
            }
        }
    }
}
