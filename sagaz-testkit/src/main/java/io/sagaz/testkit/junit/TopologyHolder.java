package io.sagaz.testkit.junit;

import io.sagaz.testkit.Topology;
import io.sagaz.testkit.TopologyException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A topology that is started when it is wanted, and another one when that was thrown away. One that did not start is not tried again:
 * all tests would wait for it in turn. Thread-safe.
 */
final class TopologyHolder implements AutoCloseable {
    private final TopologySettings settings;
    private @Nullable Topology topology;
    private @Nullable Topology lent;
    private @Nullable TopologyException failure;

    TopologyHolder(TopologySettings settings) {
        this.settings = settings;
    }

    /** For whoever may break it. */
    synchronized Topology topology() {
        Topology running = topology;
        if (running == null) {
            running = start();
            topology = running;
            lent = running.lent();
        }
        return running;
    }

    /** For those who share it; the same object for all of them. */
    synchronized Topology forTests() {
        Topology own = topology();
        return settings.fresh() || lent == null ? own : lent;
    }

    private Topology start() {
        if (failure != null) {
            throw new TopologyException(
                    "The topology did not start for an earlier test: " + failure.getMessage(), failure);
        }
        try {
            return settings.start();
        } catch (TopologyException e) {
            failure = e;
            throw e;
        }
    }

    synchronized Optional<Topology> running() {
        return Optional.ofNullable(topology);
    }

    /** Closes what there is; the next to ask gets another one. */
    @Override
    public synchronized void close() {
        Topology running = topology;
        topology = null;
        lent = null;
        if (running != null) {
            running.close();
        }
    }
}
