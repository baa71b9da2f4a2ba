package io.sagaz.bench.writes;

import java.util.List;
import java.util.stream.Stream;

/** Who is measured. */
enum Entrant {
    /** What all are compared with: the rate at which rows can be inserted here at all. */
    PGBENCH("pgbench"),
    /** The library. */
    SAGAZ("Sagaz"),
    /** The same rows, as people write them. */
    BY_HAND("hand-written JDBC"),
    /** The saga's row by hand, the event by transaction-outbox. */
    TRANSACTION_OUTBOX("transaction-outbox"),
    /** Axon's JdbcSagaStore. */
    AXON("Axon saga store"),
    /** A workflow of DBOS. */
    DBOS("DBOS");

    private final String title;

    Entrant(String title) {
        this.title = title;
    }

    /** Those that do the work: Sagaz, then the others. */
    static List<Entrant> contenders(Workload workload) {
        return Stream.concat(Stream.of(SAGAZ), others(workload).stream()).toList();
    }

    /** Those that Sagaz is to be faster than. */
    static List<Entrant> others(Workload workload) {
        return switch (workload) {
            case NEW_SAGA, STEP -> List.of(BY_HAND, TRANSACTION_OUTBOX, AXON);
            case WHOLE -> List.of(BY_HAND, AXON, DBOS);
            case UNENDED -> List.of();
        };
    }

    String title() {
        return title;
    }
}
