package io.sagaz.outbox;

import io.sagaz.storage.log.ParkedAttempt;
import io.sagaz.storage.log.ParkedEvents;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.Settlement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tries the parked events of some keys again, those of each key one after the other until one fails. Guarded by the lock of the
 * {@link Dispatcher}.
 */
final class ParkedRound implements Delivery.Target {
    /** The events of a key that are left, and what is known of it. */
    private static final class Key {
        private final ArrayDeque<ParkedAttempt> left = new ArrayDeque<>();
        private final boolean hasMore;
        private @Nullable Duration retryIn;

        Key(boolean hasMore) {
            this.hasMore = hasMore;
        }
    }

    private final Map<String, Key> keys = new HashMap<>();
    private final ParkedEvents events;
    private final RetryPolicy retries;
    private final RelayMeters meters;
    private final List<Settlement> settlements = new ArrayList<>();
    private int open;

    /**
     * A round.
     *
     * @param tried the keys
     * @param each how many events of each key were asked for
     */
    ParkedRound(Collection<ParkedKey> tried, ParkedEvents events, int each, RetryPolicy retries, RelayMeters meters) {
        this.events = events;
        this.retries = retries;
        this.meters = meters;
        Map<String, List<ParkedAttempt>> byKey = new HashMap<>();
        events.attempts()
                .forEach(attempt -> byKey.computeIfAbsent(attempt.orderingKey(), first -> new ArrayList<>())
                        .add(attempt));
        for (ParkedKey key : tried) {
            List<ParkedAttempt> attempts = byKey.getOrDefault(key.orderingKey(), List.of());
            Key known = new Key(attempts.size() >= each);
            known.left.addAll(attempts);
            keys.put(key.orderingKey(), known);
        }
        open = keys.size();
    }

    /** The first deliveries of all keys. */
    List<Delivery> begin() {
        List<Delivery> first = new ArrayList<>();
        keys.values().forEach(key -> {
            Delivery delivery = next(key);
            if (delivery != null) {
                first.add(delivery);
            }
        });
        return first;
    }

    @Override
    public boolean isDone() {
        return open == 0;
    }

    List<Settlement> settlements() {
        return List.copyOf(settlements);
    }

    /** What the round has shown of each key. */
    void tell(ParkedKeys parkedKeys, long now) {
        keys.forEach((name, key) -> {
            if (key.retryIn != null) {
                parkedKeys.retry(name, now + key.retryIn.toNanos());
            } else if (key.hasMore) {
                parkedKeys.retry(name, now);
            } else {
                parkedKeys.tried(name, now);
            }
        });
    }

    /** The next delivery of a key; null at its end. */
    private @Nullable Delivery next(Key key) {
        ParkedAttempt attempt = key.left.peek();
        while (attempt != null && attempt.event().isEmpty()) {
            settlements.add(
                    new Settlement.Dead(attempt.id(), attempt.attempts(), "the event is not in the outbox any more"));
            meters.dead();
            key.left.remove();
            attempt = key.left.peek();
        }
        if (attempt != null && attempt.attempts() > 0 && attempt.dueIn().compareTo(Duration.ZERO) > 0) {
            key.retryIn = attempt.dueIn();
            attempt = null;
        }
        if (attempt == null) {
            open--;
            return null;
        }
        return attempt.event()
                .map(event -> new Delivery(event, new OutgoingEvent(event.event(), events.token()), this, true))
                .orElse(null);
    }

    private Key keyOf(Delivery delivery) {
        Key key = keys.get(delivery.key());
        if (key == null) {
            throw new IllegalStateException(delivery.key() + " is not of this round");
        }
        return key;
    }

    @Override
    public @Nullable Delivery published(Delivery delivery) {
        Key key = keyOf(delivery);
        settlements.add(new Settlement.Published(key.left.remove().id()));
        return next(key);
    }

    @Override
    public Delivery.Verdict failed(Delivery delivery, Throwable error) {
        Key key = keyOf(delivery);
        ParkedAttempt attempt = key.left.remove();
        int attempts = attempt.attempts() + 1;
        Optional<Duration> retryIn = retries.after(attempts);
        if (retryIn.isEmpty()) {
            settlements.add(new Settlement.Dead(attempt.id(), attempts, error.toString()));
            meters.dead();
            return new Delivery.Verdict(false, next(key));
        }
        settlements.add(new Settlement.Failed(attempt.id(), attempts, retryIn.get(), error.toString()));
        key.retryIn = retryIn.get();
        open--;
        return new Delivery.Verdict(true, null);
    }

    @Override
    public void skipped(Delivery delivery) {
        throw new IllegalStateException("A parked event waits behind nobody");
    }
}
