package io.sagaz.storage.postgres.internal.outbox;

import io.sagaz.storage.log.OutboxLog.Listening;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Tells the relays of this process, and if wanted those of others, that there may be new events. Safe for threads. */
public final class OutboxSignals implements AutoCloseable {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Optional<OutboxNotifier> others;

    /**
     * Signals within this process.
     *
     * @param others tells those of others, and hears of them; closed with this
     */
    public OutboxSignals(Optional<OutboxNotifier> others) {
        this.others = others;
        others.ifPresent(notifier -> notifier.start(this::tellOwn));
    }

    /** Events were committed, or may have been. */
    public void emitted() {
        tellOwn();
        others.ifPresent(OutboxNotifier::send);
    }

    private void tellOwn() {
        listeners.forEach(Runnable::run);
    }

    Listening add(Runnable listener) {
        // Each its own, though it be the same object twice.
        Runnable own = () -> listener.run();
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    @Override
    public void close() {
        others.ifPresent(OutboxNotifier::close);
    }
}
