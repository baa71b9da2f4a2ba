package io.sagaz.testkit;

import java.io.Serializable;
import org.junit.jupiter.api.Assumptions;

/**
 * What became of a test in another JVM.
 *
 * @param name class and method
 * @param ending how it ended
 * @param text why it did not succeed
 */
record SuiteResult(String name, Ending ending, String text) implements Serializable {
    private static final long serialVersionUID = 1;

    enum Ending {
        SUCCEEDED,
        SKIPPED,
        FAILED
    }

    /** Ends the same way here. */
    void repeat() {
        switch (ending) {
            case SUCCEEDED -> {}
            case SKIPPED -> Assumptions.abort(text);
            case FAILED -> throw new AssertionError(text);
        }
    }
}
