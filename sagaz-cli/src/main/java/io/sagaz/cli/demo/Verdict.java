package io.sagaz.cli.demo;

import java.util.List;

/**
 * What came of holding the database against the ledger.
 *
 * @param orders the orders that were compared
 * @param sagas the sagas that were read
 * @param steps the steps that were read
 * @param events the events that were read
 * @param lost what was acknowledged and is not there
 * @param duplicated what is there more than once
 * @param halfDone orders whose parts do not fit together or are not finished
 * @param examples the first of what was wrong, for people
 */
record Verdict(
        long orders,
        long sagas,
        long steps,
        long events,
        long lost,
        long duplicated,
        long halfDone,
        List<String> examples) {
    Verdict {
        examples = List.copyOf(examples);
    }

    /** Whether nothing was wrong. */
    boolean isClean() {
        return lost == 0 && duplicated == 0 && halfDone == 0;
    }
}
