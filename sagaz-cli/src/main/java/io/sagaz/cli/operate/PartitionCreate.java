package io.sagaz.cli.operate;

import io.sagaz.cli.Surroundings;
import io.sagaz.migrations.PartitionMaintenance;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz partition create}. */
@Command(
        name = "create",
        header = "Makes the partitions of a table for a range of time, beside those that are made ahead anyway.",
        exitCodeList = {DeploymentCommand.DONE, PartitionChange.ACTIONS, DeploymentCommand.MISUNDERSTOOD})
final class PartitionCreate extends PartitionChange {
    @Option(names = "--table", required = true, paramLabel = "TABLE", description = TABLES)
    private String table = "";

    @Option(
            names = "--range",
            required = true,
            paramLabel = "FIRST:LAST",
            converter = Times.OfDays.class,
            description = "The first and the last month or day (UTC), both included: 2027-01:2027-06, or"
                    + " 2027-01-01:2027-01-31.")
    @SuppressWarnings("NullAway.Init") // It is required.
    private Times.Days range;

    PartitionCreate(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        if (!SETTABLE.contains(table)) {
            throw misuse("--table must be " + TABLES + ", but is " + table);
        }
        PartitionMaintenance maintenance = maintenance();
        try {
            return report(
                    maintenance.create(table, range.first(), range.last().plusDays(1)), false, Optional.empty(), 0, 0);
        } catch (IllegalArgumentException e) {
            throw misuse("--range: " + e.getMessage());
        }
    }
}
