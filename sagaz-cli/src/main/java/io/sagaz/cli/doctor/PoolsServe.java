package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.PoolerLook;
import io.sagaz.cli.look.PoolerState;
import io.sagaz.cli.look.PoolerState.Pool;
import io.sagaz.cli.term.Figures;
import java.time.Duration;
import java.util.stream.Stream;

/** Clients of poolers get connections. */
final class PoolsServe implements Check {
    private static final Duration LONG = Duration.ofSeconds(1);

    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.poolers().stream()
                .flatMap(pooler -> pooler.state().known().stream()
                        .flatMap(state -> Stream.concat(paused(pooler, state), exhausted(pooler, state))));
    }

    private static Stream<Finding> paused(PoolerLook pooler, PoolerState state) {
        return state.databases().stream()
                .filter(PoolerState.Database::paused)
                .map(database -> new Finding(
                        Id.POOL_PAUSED,
                        Severity.CRITICAL,
                        database.name() + " of " + pooler.name() + " at "
                                + pooler.way().address(),
                        "It is paused or disabled",
                        "Its clients wait until query_wait_timeout, and then fail.",
                        "In its console: RESUME " + database.name() + ", or ENABLE " + database.name() + "."));
    }

    private static Stream<Finding> exhausted(PoolerLook pooler, PoolerState state) {
        return state.pools().stream()
                .filter(pool -> pool.clientsWaiting() > 0 && pool.longestWait().compareTo(LONG) >= 0)
                .map(pool -> new Finding(
                        Id.POOL_EXHAUSTED,
                        Severity.CRITICAL,
                        pool.database() + " as " + pool.user() + " of " + pooler.name() + " at "
                                + pooler.way().address(),
                        what(state, pool),
                        "Calls take as long as that, and fail at the store's or the pooler's time limit.",
                        "Look at the primary for transactions that last (pg_stat_activity, xact_start) and locks; if it has"
                                + " connections to spare, raise pool_size; if the pooler cannot connect at all, its log"
                                + " says why."));
    }

    private static String what(PoolerState state, Pool pool) {
        int most = state.poolSize(pool);
        return pool.clientsWaiting() + " clients wait, the first for " + Figures.duration(pool.longestWait())
                + " so far; " + pool.serversActive() + (most == 0 ? "" : " of " + most)
                + " server connections are in use";
    }
}
