package io.sagaz.outbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Keeps what is published in memory, in order: a broker for tests.
 *
 * <pre>{@code
 * InProcessPublisher broker = new InProcessPublisher();
 * OutboxRelay relay = …;
 * store.start(NewSaga.named("order").emit(OutboxEvent.to("orders").key("42").json("{}")));
 * List<OutgoingEvent> events = broker.awaitCount(1, Duration.ofSeconds(10));
 * }</pre>
 *
 * <p>It fails on demand: {@link #goDown} is a broker that cannot be reached, {@link #refuse} one that does not take some events,
 * {@link #hold} one that is slow to acknowledge.
 *
 * <p>Safe for threads. Stages are completed by the thread that publishes, or by that of {@link #release}, {@link #goDown} or
 * {@link #close}; nothing is called while a lock is held.
 */
public final class InProcessPublisher implements EventPublisher {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private final List<OutgoingEvent> attempts = new ArrayList<>();
    private final List<OutgoingEvent> published = new ArrayList<>();
    private final List<Held> held = new ArrayList<>();
    private Predicate<? super OutgoingEvent> refused = event -> false;
    private State state = State.UP;
    private boolean holding;

    private enum State {
        UP,
        DOWN,
        CLOSED
    }

    private record Held(OutgoingEvent event, CompletableFuture<Void> acknowledgement) {}

    /** A broker that takes everything. */
    public InProcessPublisher() {}

    @Override
    public CompletionStage<Void> publish(OutgoingEvent event) {
        lock.lock();
        try {
            attempts.add(event);
            if (state != State.UP) {
                return CompletableFuture.failedFuture(unavailable(state));
            }
            if (refused.test(event)) {
                return CompletableFuture.failedFuture(new EventRefusedException(
                        "The in-process broker was told to refuse event "
                                + event.event().id(),
                        null));
            }
            if (holding) {
                CompletableFuture<Void> acknowledgement = new CompletableFuture<>();
                held.add(new Held(event, acknowledgement));
                changed.signalAll();
                return acknowledgement;
            }
            published.add(event);
            changed.signalAll();
            return CompletableFuture.completedFuture(null);
        } finally {
            lock.unlock();
        }
    }

    /** What has been acknowledged, in that order. A copy. */
    public List<OutgoingEvent> published() {
        lock.lock();
        try {
            return List.copyOf(published);
        } finally {
            lock.unlock();
        }
    }

    /** What has been acknowledged to one topic, in that order. A copy. */
    public List<OutgoingEvent> published(String topic) {
        return published().stream()
                .filter(event -> event.event().topic().equals(topic))
                .toList();
    }

    /** What was handed over, in that order and each time, whatever became of it. A copy. */
    public List<OutgoingEvent> attempts() {
        lock.lock();
        try {
            return List.copyOf(attempts);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is held back now, in the order of its arrival. A copy.
     *
     * @see #hold
     */
    public List<OutgoingEvent> held() {
        lock.lock();
        try {
            return held.stream().map(Held::event).toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until so many events have been acknowledged.
     *
     * @return all that have been, which may be more
     * @throws AssertionError if there are fewer when the time is over; it says which there are
     */
    public List<OutgoingEvent> awaitCount(int count, Duration atMost) {
        return await(count + " events", atMost, events -> events.size() >= count);
    }

    /**
     * Waits for an event.
     *
     * @return the first that is as wanted
     * @throws AssertionError if none has been acknowledged when the time is over; it says which have been
     */
    public OutgoingEvent awaitEvent(Predicate<? super OutgoingEvent> wanted, Duration atMost) {
        return await("the event", atMost, events -> events.stream().anyMatch(wanted)).stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    /**
     * Waits until so many events are held back.
     *
     * @throws AssertionError if there are fewer when the time is over
     * @see #hold
     */
    public void awaitHeld(int count, Duration atMost) {
        await(count + " events held back", atMost, events -> held.size() >= count);
    }

    /** Forgets what was handed over and what was acknowledged, and nothing else. */
    public void clear() {
        lock.lock();
        try {
            attempts.clear();
            published.clear();
        } finally {
            lock.unlock();
        }
    }

    /** From now on no event is taken, and those held back fail: the broker cannot be reached. */
    public void goDown() {
        leave(State.DOWN);
    }

    /** Ends what {@link #goDown} began. Does nothing to a closed publisher. */
    public void comeBack() {
        lock.lock();
        try {
            if (state == State.DOWN) {
                state = State.UP;
            }
        } finally {
            lock.unlock();
        }
    }

    /** From now on refuses such events, in place of those that it was told to refuse before. */
    public void refuse(Predicate<? super OutgoingEvent> which) {
        lock.lock();
        try {
            refused = which;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses nothing any more. */
    public void refuseNothing() {
        refuse(event -> false);
    }

    /** From now on takes events without acknowledging them. They count as published when they are released. */
    public void hold() {
        lock.lock();
        try {
            holding = true;
        } finally {
            lock.unlock();
        }
    }

    /** Acknowledges what was held back, in the order of its arrival, and holds nothing back any more. */
    public void release() {
        List<Held> released;
        lock.lock();
        try {
            holding = false;
            released = List.copyOf(held);
            held.clear();
            released.forEach(each -> published.add(each.event()));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        released.forEach(each -> each.acknowledgement().complete(null));
    }

    /** Takes nothing any more; events held back fail. What was published can still be asked for. */
    @Override
    public void close() {
        leave(State.CLOSED);
    }

    private void leave(State next) {
        List<Held> lost;
        lock.lock();
        try {
            if (state == State.CLOSED) {
                return;
            }
            state = next;
            lost = List.copyOf(held);
            held.clear();
        } finally {
            lock.unlock();
        }
        lost.forEach(each -> each.acknowledgement().completeExceptionally(unavailable(next)));
    }

    private static BrokerUnavailableException unavailable(State state) {
        return new BrokerUnavailableException(
                state == State.CLOSED
                        ? "The in-process publisher is closed"
                        : "The in-process broker was told to be down: comeBack() ends that",
                null);
    }

    private List<OutgoingEvent> await(String what, Duration atMost, Predicate<List<OutgoingEvent>> holds) {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (!holds.test(published)) {
                if (left <= 0) {
                    throw new AssertionError("Waited " + TimeUnit.NANOSECONDS.toMillis(atMost.toNanos()) + " ms for "
                            + what + ". There are " + published.size() + ", and " + held.size() + " held back: "
                            + published);
                }
                left = changed.awaitNanos(left);
            }
            return List.copyOf(published);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for " + what, e);
        } finally {
            lock.unlock();
        }
    }
}
