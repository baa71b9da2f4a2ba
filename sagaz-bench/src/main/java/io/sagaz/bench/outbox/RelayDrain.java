package io.sagaz.bench.outbox;

import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.log.OutboxLog;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A relay of Sagaz. */
final class RelayDrain implements Drain {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);

    private final OutboxRelay relay;
    private final Published published;

    private RelayDrain(OutboxRelay relay, Published published) {
        this.relay = relay;
        this.published = published;
    }

    /** Brings events to a broker. */
    @FunctionalInterface
    interface Broker {
        /** Of a run; counts what has arrived. */
        EventPublisher publisher(Published counter);
    }

    /** It does nothing. */
    static final Broker NO_BROKER = counter -> outgoing -> {
        counter.add(1);
        return DONE;
    };

    /**
     * One that begins with the first event that it has not published yet.
     *
     * @param batch its setting; empty for what it has without one
     */
    static RelayDrain of(OutboxLog log, String name, OptionalInt batch, Broker broker) {
        Published published = new Published();
        OutboxRelay.Builder builder = OutboxRelay.builder(log).name(name).publisher(broker.publisher(published));
        batch.ifPresent(builder::batchEvents);
        return new RelayDrain(builder.build(), published);
    }

    @Override
    public void start() {
        relay.start();
    }

    @Override
    public Published published() {
        return published;
    }

    /** What is published is acknowledged, and the shards are given back. */
    @Override
    public void settle() {
        relay.close();
    }

    @Override
    public void close() {
        relay.close();
    }
}
