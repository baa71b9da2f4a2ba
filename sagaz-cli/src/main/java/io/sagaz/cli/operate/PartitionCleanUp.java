package io.sagaz.cli.operate;

import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.migrations.PartitionMaintenance;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz partition cleanup}. */
@Command(
        name = "cleanup",
        header = "Takes away the partitions that are older than this and that nothing needs.",
        description =
                "Needed are unpublished events, unfinished sagas, dead letters and what tells of sagas that are kept."
                        + " No less is kept than partition_settings says. Only as the owner of the tables, past the pooler.",
        exitCodeList = {DeploymentCommand.DONE, PartitionChange.ACTIONS, DeploymentCommand.MISUNDERSTOOD})
final class PartitionCleanUp extends PartitionChange {
    @Option(
            names = "--older-than",
            required = true,
            paramLabel = "AGE",
            converter = Times.OfCalendar.class,
            description = "Days (30d), weeks (4w), months (12m) or years (2y).")
    @SuppressWarnings("NullAway.Init") // It is required.
    private Period age;

    @Option(names = "--table", paramLabel = "TABLE", description = TABLES + "; may be given again. Default: all.")
    private List<String> tables = new ArrayList<>();

    @Option(names = "--dry-run", description = "Say what would be done, and change nothing.")
    private boolean dry;

    PartitionCleanUp(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        for (String table : tables) {
            if (!SETTABLE.contains(table)) {
                throw misuse("--table must be " + TABLES + ", but is " + table);
            }
        }
        if (age.isZero()) {
            throw misuse("--older-than must be more than nothing");
        }
        PartitionMaintenance maintenance = maintenance();
        started(dry ? "Looking…" : "Cleaning up, for " + Figures.age(PATIENCE) + " or so at most…");
        Set<String> which = Set.copyOf(tables);
        return report(dry ? maintenance.dryRunOfCleanUp(age, which) : maintenance.cleanUp(age, which), dry);
    }
}
