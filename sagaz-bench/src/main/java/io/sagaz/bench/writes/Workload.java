package io.sagaz.bench.writes;

import java.util.List;

/** What a caller does again and again. */
enum Workload {
    /** One call that starts a saga. */
    NEW_SAGA("new saga with 3 steps and 1 event", 1, 0),
    /** One call for a step that has succeeded. */
    STEP("success of a step with 1 event", 1, 1),
    /** All calls of a saga, one after another. */
    WHOLE("whole saga of 3 steps with 4 events", 4, 3),
    /** The same without its end; not timed, but looked at. */
    UNENDED("saga of 3 steps that goes on", 4, 3);

    private final String title;
    private final int commits;
    private final int changes;

    Workload(String title, int commits, int changes) {
        this.title = title;
        this.commits = commits;
        this.changes = changes;
    }

    /** Those that are timed. */
    static List<Workload> timed() {
        return List.of(NEW_SAGA, STEP, WHOLE);
    }

    String title() {
        return title;
    }

    /** How many transactions it is in Sagaz. */
    int commits() {
        return commits;
    }

    /** How often it changes the row of a saga that is there; each time it changes the row of one step too. */
    int changes() {
        return changes;
    }
}
