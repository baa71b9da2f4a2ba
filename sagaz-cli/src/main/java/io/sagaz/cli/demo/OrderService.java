package io.sagaz.cli.demo;

import io.sagaz.storage.CommitOutcomeUnknownException;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.storage.postgres.StoreTransaction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The order service: a few workers that take orders and carry each of them from its first transaction to its last.
 *
 * <p>Each transaction changes rows of the shop, changes the saga and emits an event: all of it or nothing. A worker
 * notes a transaction in the ledger when the store has acknowledged it and never before.
 *
 * <p>Safe for threads. The workers share the counter of orders, the ledger and the meter; an order belongs to one
 * worker, so nobody else changes its saga.
 */
final class OrderService {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final int DOUBLINGS = 5;
    /** A deadlock, a serialization failure, a server that is not up yet or not promoted: it may succeed later. */
    private static final Set<String> PASSING =
            Set.of("25006", "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "57014");

    private final RoutingSagaStore store;
    private final ShopTables shop;
    private final Duration patience;
    private final SagaReads strongReads;
    private final Ledger ledger;
    private final Meter meter;
    private final long seed;
    private final AtomicLong numbers = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch abandoned = new CountDownLatch(1);
    private final List<Thread> workers = new ArrayList<>();

    /**
     * A service that is closed yet.
     *
     * @param patience how long it tries a transaction again before it gives the order up
     */
    OrderService(RoutingSagaStore store, ShopTables shop, Ledger ledger, Meter meter, long seed, Duration patience) {
        this.store = store;
        this.shop = shop;
        this.patience = patience;
        this.strongReads = store.reads(ReadConsistency.strong());
        this.ledger = ledger;
        this.meter = meter;
        this.seed = seed;
    }

    /** Opens the shop. */
    void open(int workerCount) {
        for (int i = 1; i <= workerCount; i++) {
            Thread worker = new Thread(this::work, "order-worker-" + i);
            worker.setDaemon(true);
            workers.add(worker);
            worker.start();
        }
    }

    /** Takes no more orders; those in work are finished. */
    void close() {
        closing.countDown();
    }

    /** Waits until the last order is finished, and says whether it is. */
    boolean awaitIdle(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (Thread worker : workers) {
            worker.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        }
        return workers.stream().noneMatch(Thread::isAlive);
    }

    /** Drops everything: what is in work stays as it is, and failures are of no interest any more. */
    void abandon() {
        closing.countDown();
        abandoned.countDown();
    }

    private void work() {
        while (closing.getCount() > 0) {
            Order order = Order.numbered(numbers.incrementAndGet(), seed);
            ledger.open(order);
            try {
                carryOut(order);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (SQLException | RuntimeException e) {
                if (abandoned.getCount() == 0) {
                    return;
                }
                meter.failed("order " + order.number(), e);
            }
        }
    }

    private void carryOut(Order order) throws SQLException, InterruptedException {
        for (OrderState state : order.outcome().states()) {
            reach(order, state);
            ledger.acknowledge(order);
        }
    }

    /** Does the transaction that brings an order into this state, again and again if need be, but once in effect. */
    private void reach(Order order, OrderState state) throws SQLException, InterruptedException {
        long first = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            try {
                long begin = System.nanoTime();
                store.inTransaction(transaction -> carryOut(transaction, order, state));
                meter.wrote(System.nanoTime() - begin);
                return;
            } catch (CommitOutcomeUnknownException e) {
                meter.outcomeUnknown();
                pause(first, attempt, e);
                if (isReached(order, state)) {
                    return;
                }
            } catch (TransientStoreException e) {
                meter.writeRetried();
                pause(first, attempt, e);
            } catch (SQLException e) {
                // From the shop's own SQL, before the commit: the store has rolled back.
                if (!isPassing(e)) {
                    throw e;
                }
                meter.writeRetried();
                pause(first, attempt, e);
            }
        }
    }

    private Milestone carryOut(StoreTransaction transaction, Order order, OrderState state) throws SQLException {
        shop.carryOut(transaction.connection(), order, state.status());
        OutboxEvent event = OutboxEvent.to("orders")
                .type(state.status().eventType())
                .key(order.key())
                .json("{\"order\":" + order.number() + ",\"cents\":" + order.cents() + "}");
        if (state.status().change().isPresent()) {
            transaction
                    .apply(
                            order.sagaId(),
                            state.version() - 1L,
                            state.status().change().get().emit(event))
                    .appliedVersion();
        } else {
            start(transaction, order, event);
        }
        return state.status();
    }

    private static void start(StoreTransaction transaction, Order order, OutboxEvent event) {
        StartResult result = transaction.start(NewSaga.named("order")
                .id(order.sagaId())
                .steps(OrderState.STEPS.toArray(new String[0]))
                .context("{\"order\":" + order.number() + "}")
                .idempotencyKey(order.key())
                .emit(event));
        if (!(result instanceof StartResult.Started)) {
            throw new IllegalStateException("The saga of order " + order.number() + " is there already: " + result);
        }
    }

    /** Asks the primary whether a transaction of unknown outcome took place. */
    private boolean isReached(Order order, OrderState state) throws InterruptedException {
        long first = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            try {
                return strongReads
                                .find(order.sagaId())
                                .value()
                                .map(Saga::version)
                                .orElse(0L)
                        >= state.version();
            } catch (TransientStoreException e) {
                meter.readRetried();
                pause(first, attempt, e);
            }
        }
    }

    /** Waits, longer each time and never exactly as long as the others; gives up when its patience is over. */
    private <X extends Exception> void pause(long first, int attempt, X cause) throws X, InterruptedException {
        if (System.nanoTime() - first > patience.toNanos()) {
            throw cause;
        }
        long longest = FIRST_PAUSE.toNanos() << Math.min(attempt, DOUBLINGS);
        if (abandoned.await(ThreadLocalRandom.current().nextLong(longest / 2, longest), TimeUnit.NANOSECONDS)) {
            throw cause;
        }
    }

    private static boolean isPassing(SQLException e) {
        String state = e.getSQLState();
        return state != null && (PASSING.contains(state) || state.startsWith("08"));
    }
}
