package io.sagaz.cli.operate;

import io.sagaz.cli.Surroundings;
import picocli.CommandLine;

/** {@code sagaz partition}. */
public final class PartitionCommands {
    private PartitionCommands() {}

    /** The command and its commands. */
    public static CommandLine group(Surroundings surroundings) {
        return GroupCommand.of(
                "partition",
                "Lists, makes and takes away the partitions of the tables.",
                new PartitionList(surroundings),
                new PartitionCreate(surroundings),
                new PartitionCleanUp(surroundings),
                new PartitionMaintain(surroundings));
    }
}
