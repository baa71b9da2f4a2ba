package io.sagaz.storage.postgres.internal.route;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Samples of a primary that is written to all the time, four in a second, and a replica that is some of them behind. */
@State(Scope.Benchmark)
public class RingState {
    private static final History HISTORY = new History(7, 1);
    private static final int SAMPLES = 2_048;
    private static final long APART = 250_000_000L;
    private static final long BYTES_APART = 1 << 20;

    private final SampleRing ring = new SampleRing();

    /** How many samples the replica is behind. */
    @Param({"1", "2000"})
    @SuppressWarnings("NullAway.Init")
    private int behind;

    private long now;

    @SuppressWarnings("NullAway.Init")
    private ReplicaState replica;

    /** Fills the ring. */
    @Setup
    public void fill() {
        for (int i = 1; i <= SAMPLES; i++) {
            long sent = i * APART;
            long position = i * BYTES_APART;
            ring.add(new PrimarySample(
                    sent, sent + 1, "primary", HISTORY, i + ":" + i + ":", position, position, "1", 1));
        }
        now = SAMPLES * APART + 1;
        replica = new ReplicaState((SAMPLES - behind) * BYTES_APART, HISTORY, now);
    }

    SampleRing ring() {
        return ring;
    }

    ReplicaState replica() {
        return replica;
    }

    long now() {
        return now;
    }
}
