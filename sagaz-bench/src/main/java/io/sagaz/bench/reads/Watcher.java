package io.sagaz.bench.reads;

import io.sagaz.bench.Stage;
import io.sagaz.bench.reads.Finder.Found;
import io.sagaz.bench.reads.Standstill.Written;
import io.sagaz.storage.OnStale;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.SQLException;
import java.time.Duration;

/** Who looks for sagas while something is wrong. */
enum Watcher {
    /** Sagaz with a bound. */
    SAGAZ("Sagaz, atMost"),
    /** Sagaz that answers all the same, and says how stale. */
    SAGAZ_SERVE_STALE("Sagaz, SERVE_STALE"),
    /** Sagaz, told the version. */
    SAGAZ_VERSION("Sagaz, find(id, version)"),
    /** Sagaz, handed a token. */
    SAGAZ_TOKEN("Sagaz, atLeast(token)"),
    /** Spring's proxy. */
    SPRING("Spring's lazy proxy"),
    /** The driver's own choice of a host. */
    PGJDBC("pgjdbc preferSecondary"),
    /** The wrapper's switch. */
    AWS("AWS wrapper");

    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final String title;

    Watcher(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    boolean isSagaz() {
        return name().startsWith("SAGAZ");
    }

    /** Whether it must see what it was told of. */
    boolean mustSee() {
        return this == SAGAZ_VERSION || this == SAGAZ_TOKEN;
    }

    /** Looks for sagas. Safe for threads; closed at the end. */
    interface Sight extends AutoCloseable {
        /** Looks for one that was written. */
        Found look(Written saga) throws SQLException;

        @Override
        void close();
    }

    /** Opens its connections. */
    Sight open(Stage stage, int connections, Duration staleness) {
        return switch (this) {
            case SPRING -> of(Entrant.SPRING.open(stage, connections));
            case PGJDBC -> of(Entrant.PGJDBC.open(stage, connections));
            case AWS -> of(Entrant.AWS.open(stage, connections));
            case SAGAZ, SAGAZ_SERVE_STALE, SAGAZ_VERSION, SAGAZ_TOKEN ->
                of(ReadStores.open(stage, stage.reads(), connections), staleness);
        };
    }

    private static Sight of(Finder finder) {
        return new Sight() {
            @Override
            public Found look(Written saga) throws SQLException {
                return finder.find(saga.id());
            }

            @Override
            public void close() {
                finder.close();
            }
        };
    }

    private Sight of(RoutingSagaStore store, Duration staleness) {
        return new Sight() {
            @Override
            public Found look(Written saga) {
                return SagazFinder.found(
                        Watcher.this == SAGAZ_VERSION
                                ? store.reads(ReadConsistency.any()).find(saga.id(), saga.version())
                                : store.reads(consistency(store, staleness)).find(saga.id()));
            }

            @Override
            public void close() {
                store.close();
            }
        };
    }

    private ReadConsistency consistency(RoutingSagaStore store, Duration staleness) {
        ReadConsistency.AtMost atMost = ReadConsistency.atMost(staleness);
        return switch (this) {
            case SAGAZ_SERVE_STALE -> atMost.onStale(OnStale.SERVE_STALE).limit(LIMIT);
            case SAGAZ_TOKEN -> ReadConsistency.atLeast(store.causalToken());
            default -> atMost;
        };
    }
}
