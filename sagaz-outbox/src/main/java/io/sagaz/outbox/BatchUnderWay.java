package io.sagaz.outbox;

import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.Unpublished;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A batch that is being published. Guarded by the lock of the {@link Dispatcher}, which tells it what becomes of its events. */
final class BatchUnderWay implements Delivery.Target {
    private final OutboxBatch batch;
    private final RetryPolicy retries;
    private final ParkedKeys parkedKeys;
    private final RelayMeters meters;
    private final LongSupplier clock;
    private final List<Unpublished> unpublished = new ArrayList<>();
    private int open;

    BatchUnderWay(
            OutboxBatch batch, RetryPolicy retries, ParkedKeys parkedKeys, RelayMeters meters, LongSupplier clock) {
        this.batch = batch;
        this.retries = retries;
        this.parkedKeys = parkedKeys;
        this.meters = meters;
        this.clock = clock;
        open = batch.events().size();
    }

    List<Delivery> deliveries() {
        return batch.events().stream()
                .map(sharded -> new Delivery(sharded, new OutgoingEvent(sharded.event(), batch.token()), this, false))
                .toList();
    }

    OutboxBatch batch() {
        return batch;
    }

    int size() {
        return batch.events().size();
    }

    @Override
    public boolean isDone() {
        return open == 0;
    }

    /** The events that are not published. */
    List<Unpublished> unpublished() {
        return List.copyOf(unpublished);
    }

    @Override
    public @Nullable Delivery published(Delivery delivery) {
        open--;
        return null;
    }

    @Override
    public Delivery.Verdict failed(Delivery delivery, Throwable error) {
        Optional<Duration> retryIn = retries.after(1);
        add(delivery, 1, retryIn, Optional.of(error.toString()));
        retryIn.ifPresentOrElse(delay -> park(delivery, clock.getAsLong() + delay.toNanos()), meters::dead);
        return new Delivery.Verdict(retryIn.isPresent(), null);
    }

    @Override
    public void skipped(Delivery delivery) {
        add(delivery, 0, Optional.of(Duration.ZERO), Optional.empty());
        park(delivery, clock.getAsLong());
    }

    private void park(Delivery delivery, long dueNanos) {
        meters.parked();
        parkedKeys.add(delivery.key(), delivery.sharded().shard(), dueNanos);
    }

    private void add(Delivery delivery, int attempts, Optional<Duration> retryIn, Optional<String> error) {
        open--;
        unpublished.add(new Unpublished(delivery.sharded(), attempts, retryIn, error));
    }
}
