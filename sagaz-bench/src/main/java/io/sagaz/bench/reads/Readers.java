package io.sagaz.bench.reads;

import io.sagaz.storage.OnStale;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadConsistency.AtMost;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Who reads while others write. */
enum Readers {
    /** What the others are compared with. */
    NOBODY("alone", false),
    /** The default. */
    ASK_PRIMARY("ASK_PRIMARY", true),
    /** The same, and a staler answer when the primary has no room. */
    ASK_PRIMARY_ELSE_STALER("ASK_PRIMARY with a limit", true),
    /** What is recommended for dashboards. */
    SERVE_STALE("SERVE_STALE", true),
    /** Whoever is turned away asks again at once. */
    FAIL("FAIL", true),
    /** The same, but waits for as long as the exception says. */
    FAIL_AND_WAIT("FAIL, asking again when told", true),
    /** Reads past the store, from the replicas: work for clients, poolers and cores, and none for the primary. */
    REPLICAS_ONLY("control: replicas only", false),
    /** What would happen without a gate. */
    UNGUARDED("no gate: strong()", false);

    /** Beyond everything that comes up here. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final String title;
    private final boolean guarded;

    Readers(String title, boolean guarded) {
        this.title = title;
        this.guarded = guarded;
    }

    String title() {
        return title;
    }

    /** Whether the store keeps them from the primary. */
    boolean isGuarded() {
        return guarded;
    }

    /** Those that read at all. */
    static List<Readers> reading() {
        return Arrays.stream(values()).filter(readers -> readers != NOBODY).toList();
    }

    ReadConsistency consistency(Duration staleness) {
        AtMost atMost = ReadConsistency.atMost(staleness);
        return switch (this) {
            case ASK_PRIMARY -> atMost;
            case ASK_PRIMARY_ELSE_STALER -> atMost.limit(LIMIT);
            case SERVE_STALE -> atMost.onStale(OnStale.SERVE_STALE).limit(LIMIT);
            case FAIL, FAIL_AND_WAIT -> atMost.onStale(OnStale.FAIL);
            case NOBODY, REPLICAS_ONLY -> ReadConsistency.any();
            case UNGUARDED -> ReadConsistency.strong();
        };
    }
}
