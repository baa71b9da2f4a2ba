package io.sagaz.bench.writes;

import java.util.Map;
import java.util.OptionalDouble;

/** What part of pgbench's rate Sagaz should reach, where that was set. Pure. */
final class WriteTargets {
    /** Of updates that touch no index, before the end of a saga. */
    static final double HOT = 0.95;

    private static final Map<Place, Double> RATES = Map.of(
            new Place(Workload.NEW_SAGA, Way.DIRECT, 1), 0.6,
            new Place(Workload.NEW_SAGA, Way.DIRECT, 16), 0.4,
            new Place(Workload.NEW_SAGA, Way.POOLED, 1), 0.45,
            new Place(Workload.NEW_SAGA, Way.POOLED, 16), 0.3,
            new Place(Workload.STEP, Way.DIRECT, 1), 0.7,
            new Place(Workload.STEP, Way.DIRECT, 16), 0.5);

    private WriteTargets() {}

    private record Place(Workload workload, Way way, int callers) {}

    static OptionalDouble rate(Workload workload, Way way, int callers) {
        Double rate = RATES.get(new Place(workload, way, callers));
        return rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate);
    }
}
