package io.sagaz.bench.report;

import java.util.List;

/**
 * Results that belong together. Immutable.
 *
 * @param title unique in its report; the results' full names begin with it
 * @param how what was measured and how, a paragraph
 * @param results in order
 * @param meaning what they mean, a paragraph
 */
public record Section(String title, String how, List<Result> results, String meaning) {
    /** Copies the list. */
    public Section {
        results = List.copyOf(results);
    }
}
