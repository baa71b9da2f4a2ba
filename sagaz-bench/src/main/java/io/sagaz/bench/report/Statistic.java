package io.sagaz.bench.report;

import io.sagaz.bench.measure.Rounds;

/** Which number stands for all rounds. */
public enum Statistic {
    /** The middle one. */
    MEDIAN("median"),
    /** The highest: for what must not happen even once. */
    MAX("max"),
    /** The lowest: likewise. */
    MIN("min");

    private final String word;

    Statistic(String word) {
        this.word = word;
    }

    /** Its name in documents. */
    public String word() {
        return word;
    }

    /** The number. */
    public double of(Rounds rounds) {
        return switch (this) {
            case MEDIAN -> rounds.median();
            case MAX -> rounds.max();
            case MIN -> rounds.min();
        };
    }
}
