package io.sagaz.bench.measure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers of several things, round by round. Of one thread.
 *
 * @param <K> what tells the things apart
 */
public final class Series<K> {
    private final Map<K, List<Double>> numbers = new HashMap<>();

    /** Adds what the next round of a thing gave. */
    public void add(K thing, double number) {
        numbers.computeIfAbsent(thing, any -> new ArrayList<>()).add(number);
    }

    /**
     * All rounds of a thing.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Rounds of(K thing) {
        List<Double> rounds = numbers.get(thing);
        if (rounds == null) {
            throw new IllegalArgumentException("Nothing was measured of " + thing);
        }
        return new Rounds(rounds);
    }
}
