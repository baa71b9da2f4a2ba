package io.sagaz.bench.report;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;

/**
 * What a run of a benchmark found. Immutable.
 *
 * @param name of the benchmark
 * @param title what it is about, for people
 * @param circumstances what holds for all measurements, for people; a paragraph each
 * @param run when and how
 */
public record Report(
        String name,
        String title,
        List<String> circumstances,
        Run run,
        Machine machine,
        Versions versions,
        List<Section> sections) {
    /** Copies the lists. */
    public Report {
        circumstances = List.copyOf(circumstances);
        sections = List.copyOf(sections);
    }

    /**
     * A run.
     *
     * @param day when, in UTC
     * @param quick whether it was one that only shows that everything works
     * @param took how long
     */
    public record Run(LocalDate day, boolean quick, Duration took) {}
}
