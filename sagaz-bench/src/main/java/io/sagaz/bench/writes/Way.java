package io.sagaz.bench.writes;

import io.sagaz.bench.Login;
import io.sagaz.bench.Stage;

/** How callers get to the primary. */
enum Way {
    /** On connections to the primary itself; drivers prepare statements as they like. */
    DIRECT("direct"),
    /** Through PgBouncer-RW, which pools transactions; nobody prepares statements. */
    POOLED("through PgBouncer");

    private final String words;

    Way(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    Login login(Stage stage) {
        return this == DIRECT ? stage.past() : stage.through();
    }
}
