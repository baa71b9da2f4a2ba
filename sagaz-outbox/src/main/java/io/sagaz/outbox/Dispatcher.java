package io.sagaz.outbox;

import io.sagaz.storage.CrashPoints;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands events to the publisher, one at a time for each key, and keeps them while the broker is down. Safe for threads.
 *
 * <p>One lock guards everything: which keys have an event at the publisher, and what follows it; which keys are parked; whether the
 * broker is down. It is never held while the publisher is called, which may block until another thread has brought an answer here.
 * So deliveries are chosen under the lock and handed over without it.
 */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    /** The deliveries of a key: the first is at the publisher, or waits for the broker. */
    private static final class Chain {
        private final Delivery first;
        private Delivery last;

        Chain(Delivery only) {
            first = only;
            last = only;
        }

        Chain(Delivery first, Delivery last) {
            this.first = first;
            this.last = last;
        }
    }

    private final EventPublisher publisher;
    private final long timeoutNanos;
    private final RelayMeters meters;
    private final CrashPoints crashPoints;
    private final LongSupplier clock;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean signalled;
    private final Map<String, Chain> chains = new HashMap<>();
    private final ParkedKeys parkedKeys = new ParkedKeys();
    private final Circuit circuit = new Circuit();
    /** Wait for the broker. */
    private final ArrayDeque<Delivery> waiting = new ArrayDeque<>();
    /** A failure of our own has cut their way short. */
    private final List<Delivery> abandoned = new ArrayList<>();
    /** Are at the publisher, as they were handed over; some are settled by now. */
    private final ArrayDeque<Handed> handed = new ArrayDeque<>();

    private @Nullable Throwable failure;

    private volatile boolean brokerDown;
    private volatile long deliverUntilNanos;

    /** A delivery at the publisher, and which time it is. */
    private record Handed(Delivery delivery, int time, long atNanos) {}

    Dispatcher(
            EventPublisher publisher,
            Duration timeout,
            RelayMeters meters,
            CrashPoints crashPoints,
            LongSupplier clock) {
        this.publisher = publisher;
        this.crashPoints = crashPoints;
        this.timeoutNanos = timeout.toNanos();
        this.meters = meters;
        this.clock = clock;
        deliverUntilNanos = clock.getAsLong();
    }

    /** Does something with the parked keys. */
    <T> T withParkedKeys(Function<ParkedKeys, T> use) {
        return locked(() -> use.apply(parkedKeys));
    }

    boolean isBrokerDown() {
        return brokerDown;
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** Something has changed that the relay waits for. */
    void signal() {
        lock.lock();
        try {
            signalled = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something has changed since this was called last, or so long. */
    void await(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long remaining = nanos;
            while (!signalled && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
            signalled = false;
        } finally {
            lock.unlock();
        }
    }

    /** Delivers events in their order, as far as they have the same key. */
    void submit(Collection<Delivery> deliveries) {
        ArrayDeque<Delivery> ready = new ArrayDeque<>();
        lock.lock();
        try {
            for (Delivery delivery : deliveries) {
                Chain chain = chains.get(delivery.key());
                if (delivery.isParked()) {
                    ready.add(delivery);
                } else if (parkedKeys.contains(delivery.key())) {
                    delivery.settled = true;
                    delivery.target().skipped(delivery);
                } else if (chain == null) {
                    chains.put(delivery.key(), new Chain(delivery));
                    ready.add(delivery);
                } else {
                    chain.last.next = delivery;
                    chain.last = delivery;
                }
            }
        } finally {
            lock.unlock();
        }
        handOver(ready);
    }

    /** Takes back what is not at the publisher yet, but for parked events: somebody else delivers it. */
    void cancel() {
        lock.lock();
        try {
            for (Iterator<Delivery> each = waiting.iterator(); each.hasNext(); ) {
                Delivery delivery = each.next();
                if (!delivery.isParked()) {
                    each.remove();
                    delivery.settled = true;
                    chains.remove(delivery.key());
                }
            }
            for (Delivery delivery : abandoned) {
                Chain chain = chains.get(delivery.key());
                if (chain != null && chain.first == delivery) {
                    chains.remove(delivery.key());
                }
            }
            abandoned.clear();
            // What is at the publisher may still arrive; what is read again comes behind it.
            for (Chain chain : chains.values()) {
                chain.first.next = null;
                chain.last = chain.first;
            }
            parkedKeys.forgetComing();
            if (waiting.isEmpty()) {
                // Nothing is left to try the broker with: what is read next does.
                closeCircuit();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Looks after what has had no answer for too long, and tries a broker that is down when it is time. */
    void tend() {
        ArrayDeque<Delivery> ready = new ArrayDeque<>();
        List<Handed> late = new ArrayList<>();
        Delivery probe = null;
        lock.lock();
        try {
            long now = clock.getAsLong();
            while (!handed.isEmpty() && (isAnswered(handed.peek()) || now - handed.peek().atNanos >= timeoutNanos)) {
                Handed first = handed.remove();
                if (!isAnswered(first)) {
                    late.add(first);
                }
            }
            if (!circuit.isOpen()) {
                // Those that were too late for a lease that goes on by now.
                ready.addAll(waiting);
                waiting.clear();
            } else if (!waiting.isEmpty() && isInTime() && circuit.admits(now)) {
                probe = waiting.remove();
            }
        } finally {
            lock.unlock();
        }
        try {
            for (Handed each : late) {
                answered(each.delivery, each.time, tooLate(), ready);
            }
            if (probe != null) {
                hand(probe, ready);
            }
        } catch (RuntimeException | Error e) {
            late.forEach(each -> ready.add(each.delivery));
            if (probe != null) {
                ready.add(probe);
            }
            abandon(ready);
            throw e;
        }
        handOver(ready);
    }

    private TimeoutException tooLate() {
        return new TimeoutException(
                "the broker did not answer within " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
    }

    private static boolean isAnswered(Handed each) {
        return each.delivery.settled || each.delivery.handed != each.time;
    }

    /** How long {@link #tend} has nothing to do, in nanoseconds. */
    long nanosUntilTending() {
        return locked(() -> {
            long now = clock.getAsLong();
            Handed first = handed.peek();
            long untilLate = first == null ? Long.MAX_VALUE : Math.max(0, first.atNanos + timeoutNanos - now);
            long untilProbe = waiting.isEmpty() ? Long.MAX_VALUE : circuit.remaining(now);
            return Math.min(Math.min(untilLate, untilProbe), parkedKeys.nanosUntilDue(now));
        });
    }

    /** Hands deliveries to the publisher, and what becomes ready meanwhile; while the broker is down they wait. */
    private void handOver(ArrayDeque<Delivery> ready) {
        try {
            for (Delivery delivery = ready.peek(); delivery != null; delivery = ready.peek()) {
                if ((!brokerDown && isInTime()) || !mustWait(delivery)) {
                    hand(delivery, ready);
                }
                // Only now: should the publisher's thread or ours fail, it is among those that are abandoned.
                ready.remove();
            }
        } catch (RuntimeException | Error e) {
            abandon(ready);
            throw e;
        }
    }

    /**
     * These are not at the publisher, or nobody will hear of its answer. The relay reads them again; until it has forgotten them
     * ({@link #cancel}) they keep their place, so that nothing of their keys overtakes them.
     */
    private void abandon(Collection<Delivery> some) {
        lock.lock();
        try {
            for (Delivery delivery : some) {
                if (!delivery.settled) {
                    delivery.settled = true;
                    abandoned.add(delivery);
                }
            }
            if (circuit.isOpen()) {
                // The one that tried the broker may be among them.
                circuit.failed(clock.getAsLong());
            }
        } finally {
            lock.unlock();
        }
    }

    /** What has failed in a thread of the publisher since this was called last, if anything has. */
    @Nullable
    Throwable takeFailure() {
        return locked(() -> {
            Throwable taken = failure;
            failure = null;
            return taken;
        });
    }

    private void note(Throwable failed) {
        lock.lock();
        try {
            failure = failed;
            signal();
        } finally {
            lock.unlock();
        }
    }

    private boolean mustWait(Delivery delivery) {
        return locked(() -> (circuit.isOpen() || !isInTime()) && waiting.add(delivery));
    }

    private boolean isInTime() {
        return clock.getAsLong() - deliverUntilNanos < 0;
    }

    /** The shards are one's own until then: nothing is handed to the publisher afterwards, for somebody else may have done so. */
    void mayDeliverUntil(long nanos) {
        deliverUntilNanos = nanos;
    }

    private void hand(Delivery delivery, ArrayDeque<Delivery> ready) {
        int time = ++delivery.handed;
        delivery.handedAtNanos = clock.getAsLong();
        crashPoints.reached(CrashPoints.Point.BEFORE_PUBLISH);
        CompletableFuture<Void> answer = publish(delivery);
        if (answer.isDone()) {
            answered(delivery, time, failure(answer), ready);
        } else {
            awaitAnswer(delivery, time, answer);
        }
    }

    /** Whatever a publisher throws is about this event: a class that is missing for its payload, for example. */
    private CompletableFuture<Void> publish(Delivery delivery) {
        try {
            return future(publisher.publish(delivery.outgoing()));
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** A stage need not be convertible, as its interface says. */
    private static CompletableFuture<Void> future(CompletionStage<Void> stage) {
        try {
            return stage.toCompletableFuture();
        } catch (UnsupportedOperationException e) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            stage.thenAccept(answer::complete).exceptionally(error -> {
                answer.completeExceptionally(error);
                return null;
            });
            return answer;
        }
    }

    private static @Nullable Throwable failure(CompletableFuture<Void> done) {
        try {
            done.join();
            return null;
        } catch (CompletionException e) {
            return e.getCause() == null ? e : e.getCause();
        } catch (RuntimeException e) {
            return e;
        }
    }

    private void awaitAnswer(Delivery delivery, int time, CompletionStage<Void> answer) {
        lock.lock();
        try {
            handed.add(new Handed(delivery, time, delivery.handedAtNanos));
        } finally {
            lock.unlock();
        }
        answer.whenComplete((nothing, thrown) -> {
            Throwable error =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            try {
                goOn(delivery, time, error);
            } catch (RuntimeException | Error e) {
                note(e);
            }
        });
    }

    private void goOn(Delivery delivery, int time, @Nullable Throwable error) {
        ArrayDeque<Delivery> ready = new ArrayDeque<>();
        try {
            answered(delivery, time, error, ready);
        } catch (RuntimeException | Error e) {
            ready.add(delivery);
            abandon(ready);
            throw e;
        }
        handOver(ready);
    }

    /** The publisher has answered, or is taken to have failed. */
    private void answered(Delivery delivery, int time, @Nullable Throwable error, ArrayDeque<Delivery> ready) {
        if (error == null) {
            crashPoints.reached(CrashPoints.Point.AFTER_PUBLISH);
        }
        lock.lock();
        try {
            if (delivery.settled || delivery.handed != time) {
                return;
            }
            if (error == null) {
                published(delivery, ready);
            } else if (error instanceof BrokerUnavailableException || error instanceof TimeoutException) {
                unavailable(delivery, error);
            } else {
                failed(delivery, error, ready);
            }
            if (brokerDown || delivery.target().isDone()) {
                signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void published(Delivery delivery, ArrayDeque<Delivery> ready) {
        delivery.settled = true;
        meters.published(delivery.sharded().event().createdAt(), clock.getAsLong() - delivery.handedAtNanos);
        brokerAnswers(ready);
        addNext(delivery.target().published(delivery), ready);
        advance(delivery, ready);
    }

    private void failed(Delivery delivery, Throwable error, ArrayDeque<Delivery> ready) {
        delivery.settled = true;
        meters.failed();
        brokerAnswers(ready);
        Delivery.Verdict verdict = delivery.target().failed(delivery, error);
        addNext(verdict.next(), ready);
        if (!verdict.followersWait() || delivery.isParked()) {
            advance(delivery, ready);
            return;
        }
        chains.remove(delivery.key());
        for (Delivery follower = delivery.next; follower != null; follower = follower.next) {
            follower.settled = true;
            follower.target().skipped(follower);
        }
    }

    /** The delivery stays the first of its key, and is handed over again. */
    private void unavailable(Delivery delivery, Throwable error) {
        delivery.handed++;
        waiting.add(delivery);
        if (circuit.failed(clock.getAsLong())) {
            LOG.warn("The broker cannot be reached; events wait until it can be: {}", error.toString());
        }
        brokerDown = true;
    }

    private void brokerAnswers(ArrayDeque<Delivery> ready) {
        if (circuit.isOpen()) {
            LOG.info("The broker is back");
            closeCircuit();
            ready.addAll(waiting);
            waiting.clear();
        }
    }

    private void closeCircuit() {
        circuit.succeeded();
        brokerDown = false;
    }

    private static void addNext(@Nullable Delivery next, ArrayDeque<Delivery> ready) {
        if (next != null) {
            ready.add(next);
        }
    }

    private void advance(Delivery delivery, ArrayDeque<Delivery> ready) {
        if (delivery.isParked()) {
            return;
        }
        Delivery next = delivery.next;
        Chain chain = chains.get(delivery.key());
        if (next == null || chain == null) {
            chains.remove(delivery.key());
        } else {
            chains.put(delivery.key(), new Chain(next, chain.last));
            ready.add(next);
        }
    }
}
