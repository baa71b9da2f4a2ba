package io.sagaz.cli.demo;

import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Turns the running counters into snapshots, once a tick. For one thread. */
final class Sampler {
    private static final long WINDOW_NANOS = Duration.ofMillis(1_500).toNanos();

    private final Ledger ledger;
    private final Meter meter;
    private final Duration run;
    private final Rate sagas = new Rate(WINDOW_NANOS);
    private final Rate events = new Rate(WINDOW_NANOS);
    private final Rate replicaReads = new Rate(WINDOW_NANOS);
    private final Rate primaryReads = new Rate(WINDOW_NANOS);

    Sampler(Ledger ledger, Meter meter, Duration run) {
        this.ledger = ledger;
        this.meter = meter;
        this.run = run;
    }

    /** Takes the state of now. */
    Snapshot take(Snapshot.Stage stage, Story story) {
        long now = ledger.now();
        meter.tick();
        Ledger.Totals totals = ledger.totals();
        return new Snapshot(
                stage,
                Duration.ofNanos(now),
                run,
                new Snapshot.Writes(
                        totals,
                        sagas.perSecond(now, totals.finished()),
                        events.perSecond(now, totals.transactions()),
                        meter.writes().recent()),
                new Snapshot.Reads(
                        new Snapshot.Route(
                                meter.reads(ReadSource.REPLICA),
                                replicaReads.perSecond(now, meter.reads(ReadSource.REPLICA)),
                                meter.history().replica()),
                        new Snapshot.Route(
                                meter.reads(ReadSource.PRIMARY),
                                primaryReads.perSecond(now, meter.reads(ReadSource.PRIMARY)),
                                meter.history().primary()),
                        meter.reads().recent(),
                        reasons(meter),
                        meter.newestBound(),
                        meter.largestReplicaBound()),
                meter.troubles(),
                story);
    }

    /** How often each reason applied; without those that never did. */
    static Map<RouteReason, Long> reasons(Meter meter) {
        Map<RouteReason, Long> reasons = new EnumMap<>(RouteReason.class);
        for (RouteReason reason : RouteReason.values()) {
            if (meter.reads(reason) > 0) {
                reasons.put(reason, meter.reads(reason));
            }
        }
        return reasons;
    }
}
