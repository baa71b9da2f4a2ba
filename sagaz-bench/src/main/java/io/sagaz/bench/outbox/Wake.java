package io.sagaz.bench.outbox;

import io.sagaz.bench.Stage;
import io.sagaz.storage.postgres.RoutingSagaStore;

/** How a relay hears of events. */
enum Wake {
    /** It looks by itself: the events are of another process. */
    POLLING("polling", false, false),
    /** The store that emits them wakes it. */
    WOKEN("woken in the process", true, false),
    /** The store of another process tells the relay's by NOTIFY. */
    NOTIFIED("NOTIFY", false, true);

    private final String title;
    private final boolean same;
    private final boolean notifying;

    Wake(String title, boolean same, boolean notifying) {
        this.title = title;
        this.same = same;
        this.notifying = notifying;
    }

    String title() {
        return title;
    }

    /** Opens the store of a process. */
    RoutingSagaStore open(Stage stage, int connections) {
        return notifying ? Stores.openNotifying(stage, connections) : Stores.open(stage, connections);
    }

    /** Whether events are emitted by the store that the relay has. */
    boolean isOneProcess() {
        return same;
    }
}
