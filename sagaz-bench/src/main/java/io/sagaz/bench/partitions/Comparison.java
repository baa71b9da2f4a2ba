package io.sagaz.bench.partitions;

import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Unit;
import java.util.List;
import java.util.Map;

/** The results of the tables that are compared: those of the partitioned one divided by those of the others. Pure. */
final class Comparison {
    private Comparison() {}

    /**
     * Adds a result for each table, the partitioned one first, and gives that.
     *
     * @param suffix of their names
     */
    static Result add(
            List<Result> results, String suffix, Unit unit, Map<TableKind, Rounds> measured, boolean pictured) {
        Result plain = result(TableKind.PLAIN, suffix, unit, measured);
        Result indexed = result(TableKind.INDEXED, suffix, unit, measured);
        Result compared = result(TableKind.PARTITIONED, suffix, unit, measured)
                .against(plain)
                .against(indexed);
        Result partitioned = pictured ? compared.inPicture() : compared;
        results.addAll(List.of(partitioned, plain, indexed));
        return partitioned;
    }

    private static Result result(TableKind kind, String suffix, Unit unit, Map<TableKind, Rounds> measured) {
        Rounds rounds = measured.get(kind);
        if (rounds == null) {
            throw new IllegalArgumentException("Nothing was measured of " + kind);
        }
        return Result.median(kind.label() + suffix, unit, rounds);
    }
}
