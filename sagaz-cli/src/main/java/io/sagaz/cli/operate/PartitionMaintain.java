package io.sagaz.cli.operate;

import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.migrations.PartitionMaintenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz partition maintain}. */
@Command(
        name = "maintain",
        header =
                "Makes the partitions that are missing, and takes away those that have expired and that nothing needs.",
        description =
                "What a store does by itself every hour. As the owner of the tables, best past the pooler, or as a"
                        + " role that writes.",
        exitCodeList = {DeploymentCommand.DONE, PartitionChange.ACTIONS, DeploymentCommand.MISUNDERSTOOD})
final class PartitionMaintain extends PartitionChange {
    @Option(names = "--dry-run", description = "Say what would be done, and change nothing.")
    private boolean dry;

    PartitionMaintain(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        PartitionMaintenance maintenance = maintenance();
        started(dry ? "Looking…" : "Maintaining, for " + Figures.age(PATIENCE) + " or so at most…");
        return report(dry ? maintenance.dryRun() : maintenance.run(), dry);
    }
}
