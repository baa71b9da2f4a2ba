package io.sagaz.bench.reads;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.storage.ReadConsistency;
import java.time.Duration;

/** Who finds sagas, and on which way. A bare pool comes first on each: the others are compared with it. */
enum Entrant {
    /** What all on this way are compared with. */
    BARE("bare pool", Way.POOLED),
    /** The library. */
    SAGAZ("Sagaz", Way.POOLED),
    /** What session pooling would allow. */
    BARE_PREPARED("bare pool that prepares statements", Way.POOLED),
    /** Spring, without a transaction. */
    SPRING("Spring's lazy proxy", Way.POOLED),
    /** Spring, with one. */
    SPRING_TRANSACTION("Spring's lazy proxy, read-only transaction", Way.POOLED),
    /** What all on this way are compared with: the first of the replicas. */
    BARE_DIRECT("bare pool to one replica", Way.DIRECT),
    /** The driver's own choice of a host. */
    PGJDBC("pgjdbc preferSecondary", Way.DIRECT),
    /** The wrapper's switch between the writer and a reader. */
    AWS("AWS wrapper", Way.DIRECT);

    /** Above all that is asked for here, so that everybody is far within it while the replicas follow. */
    private static final Duration STALENESS = Duration.ofSeconds(5);

    private final String title;
    private final Way way;

    Entrant(String title, Way way) {
        this.title = title;
        this.way = way;
    }

    String title() {
        return title;
    }

    Way way() {
        return way;
    }

    /** Whom it is compared with. */
    Entrant bare() {
        return way == Way.POOLED ? BARE : BARE_DIRECT;
    }

    /** Opens its connections. */
    Finder open(Stage stage, int size) {
        return switch (this) {
            case BARE -> new PoolFinder(reads(stage, size, ReadPools.UNPREPARED));
            case BARE_PREPARED -> new PoolFinder(reads(stage, size, ReadPools.PREPARED));
            case SAGAZ ->
                new SagazFinder(ReadStores.open(stage, stage.reads(), size), ReadConsistency.atMost(STALENESS));
            case SPRING -> spring(ReadPools.switching(stage.through(), size), reads(stage, size, ReadPools.UNPREPARED));
            case SPRING_TRANSACTION ->
                new SpringTransactionFinder(
                        ReadPools.switching(stage.through(), size), reads(stage, size, ReadPools.UNPREPARED));
            case BARE_DIRECT -> new PoolFinder(ReadPools.open(stage.replicas().login(0), size, ReadPools.PREPARED));
            case PGJDBC ->
                new PoolFinder(ReadPools.open(
                        Hosts.all(stage, "jdbc:postgresql:", "targetServerType=preferSecondary&loadBalanceHosts=true"),
                        size,
                        ReadPools.PREPARED));
            case AWS ->
                aws(ReadPools.switching(
                        Hosts.all(
                                stage,
                                "jdbc:aws-wrapper:postgresql:",
                                "wrapperPlugins=readWriteSplitting&singleWriterConnectionString=true&wrapperDialect=pg"),
                        size));
        };
    }

    private static HikariDataSource reads(Stage stage, int size, int prepareThreshold) {
        return ReadPools.open(stage.reads(), size, prepareThreshold);
    }

    private static Finder spring(HikariDataSource writes, HikariDataSource reads) {
        return new SwitchingFinder(SpringTransactionFinder.proxy(writes, reads), writes, reads);
    }

    private static Finder aws(HikariDataSource pool) {
        return new SwitchingFinder(pool, pool);
    }
}
