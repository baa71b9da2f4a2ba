package io.sagaz.storage.memory;

import io.sagaz.storage.log.OutboxLog.Listening;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who wants to hear of new events. Safe for threads; nobody is called while the lock of the tables is held. */
final class Listeners {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    Listening add(Runnable listener) {
        // Each its own, though it be the same object twice.
        Runnable own = () -> listener.run();
        listeners.add(own);
        return () -> listeners.remove(own);
    }

    void tell(boolean emitted) {
        if (emitted) {
            listeners.forEach(Runnable::run);
        }
    }
}
