package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * The programs of a topology.
 *
 * @param postgres the servers'
 * @param pgbouncer the poolers'
 * @param launcher how they are run, for a topology whose files are in a directory
 */
record Programs(PostgresPrograms postgres, PgBouncerProgram pgbouncer, Function<Path, Launcher> launcher) {
    /** Finds them where the settings say, and tells which they are. */
    static Programs find(Plan plan, Account account, Workspace workspace, Progress progress) throws IOException {
        ProgramSource source = ProgramSource.of(plan.settings());
        Path cache = workspace.cache();
        Programs found = source == ProgramSource.CONTAINERS
                ? ContainerPrograms.find(plan, account, workspace.path(), cache)
                : new Programs(
                        postgres(source, plan, cache, progress),
                        PgBouncerProgram.find(plan.settings(), account, cache, progress),
                        home -> new LocalLauncher(account, home));
        progress.announce("PostgreSQL " + found.postgres.version() + " (" + found.postgres.origin() + ") and PgBouncer "
                + found.pgbouncer.version() + " (" + found.pgbouncer.origin() + "): " + source.said());
        return found;
    }

    private static PostgresPrograms postgres(ProgramSource source, Plan plan, Path cache, Progress progress)
            throws IOException {
        Optional<PostgresPrograms> installed = looksOnThisMachine(source, plan.settings())
                ? PostgresPrograms.installed(plan.postgres(), plan.settings())
                : Optional.empty();
        if (installed.isPresent()) {
            return installed.get();
        }
        if (source == ProgramSource.INSTALLED) {
            String which = plan.postgres().isPresent()
                    ? "PostgreSQL " + plan.postgres().getAsInt()
                    : "PostgreSQL";
            throw new TopologyException(which + " is not installed here, and " + source.said()
                    + ": install it, give its directory in " + Settings.variable(Settings.POSTGRES_BIN)
                    + ", or set another source (maven, containers)");
        }
        return new ZonkyBinaries(cache, plan.settings(), progress)
                .programs(plan.postgres().orElse(PostgresPrograms.NEWEST));
    }

    private static boolean looksOnThisMachine(ProgramSource source, Settings settings) {
        boolean passedOver =
                settings.get(Settings.INSTALLED).filter("false"::equals).isPresent();
        return source == ProgramSource.INSTALLED || (source == ProgramSource.AUTOMATIC && !passedOver);
    }
}
