package io.sagaz.bench.report;

import io.sagaz.bench.measure.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One thing that was measured. Immutable; the methods that say more of it give a new one.
 *
 * @param name unique in its section
 * @param statistic which number stands for the rounds
 * @param rounds the numbers
 * @param ratios what it was compared with, the most important first
 * @param target what it should be
 * @param pictured whether its ratios are in the picture
 */
public record Result(
        String name,
        Unit unit,
        Statistic statistic,
        Rounds rounds,
        List<Ratio> ratios,
        Optional<Target> target,
        boolean pictured) {
    /** Copies the list. */
    public Result {
        ratios = List.copyOf(ratios);
    }

    /** The median of rounds. */
    public static Result median(String name, Unit unit, Rounds rounds) {
        return new Result(name, unit, Statistic.MEDIAN, rounds, List.of(), Optional.empty(), false);
    }

    /** The highest of rounds. */
    public static Result max(String name, Unit unit, Rounds rounds) {
        return new Result(name, unit, Statistic.MAX, rounds, List.of(), Optional.empty(), false);
    }

    /** The lowest of rounds. */
    public static Result min(String name, Unit unit, Rounds rounds) {
        return new Result(name, unit, Statistic.MIN, rounds, List.of(), Optional.empty(), false);
    }

    /** The number. */
    public double value() {
        return statistic.of(rounds);
    }

    /** Compared with another one that was measured in the same rounds. */
    public Result against(Result other) {
        List<Ratio> more = new ArrayList<>(ratios);
        more.add(Ratio.of(this, other));
        return new Result(name, unit, statistic, rounds, more, target, pictured);
    }

    /** The ratio to the result that it was compared with first. */
    public double ratio() {
        return ratios.get(0).value();
    }

    /** With what it should be. */
    public Result shouldBe(String text, Predicate<Result> met) {
        Target should = new Target(text, met.test(this));
        return new Result(name, unit, statistic, rounds, ratios, Optional.of(should), pictured);
    }

    /** With its ratios in the picture. */
    public Result inPicture() {
        return new Result(name, unit, statistic, rounds, ratios, target, true);
    }
}
