package io.sagaz.bench.reads.year;

import io.sagaz.bench.measure.Alternation;
import java.time.Duration;

/**
 * How much of everything. Immutable.
 *
 * @param sagas in each of the two
 * @param detailed how many of them, the youngest, have steps, audit entries, events and keys
 * @param most calls of one read in a round
 * @param slice after which no more calls of one read are begun
 */
public record YearSizes(long sagas, long detailed, Alternation rounds, int most, Duration slice) {}
