package io.sagaz.storage.postgres.internal.sql;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What one call is to do, in the order in which it is done, and the way back to the order in which it was given.
 *
 * @param items in the order in which they are done
 * @param placeOf for each place of the order that was given, the place in {@code items}
 */
record Batch<T>(List<T> items, List<Integer> placeOf) {
    static <T> Batch<T> sorted(List<T> given, Comparator<T> order) {
        List<Integer> places = IntStream.range(0, given.size())
                .boxed()
                .sorted(Comparator.comparing(given::get, order))
                .toList();
        Integer[] placeOf = new Integer[given.size()];
        for (int place = 0; place < placeOf.length; place++) {
            placeOf[places.get(place)] = place;
        }
        return new Batch<>(places.stream().map(given::get).toList(), List.of(placeOf));
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    <R> List<R> map(Function<T, R> function) {
        return items.stream().map(function).toList();
    }

    /** What is at each place of {@link #items}, in the order that was given. */
    <R> List<R> inGivenOrder(IntFunction<R> atPlace) {
        return placeOf.stream().map(atPlace::apply).toList();
    }
}
