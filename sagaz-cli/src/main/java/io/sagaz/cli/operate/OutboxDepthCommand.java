package io.sagaz.cli.operate;

import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Row;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code sagaz outbox depth}. */
@Command(
        name = "depth",
        header = "Says how far each relay is behind.",
        description = "UNPUBLISHED counts 100,000 events at most. What is parked or a dead letter counts as published.",
        exitCodeList = {DeploymentCommand.DONE, DeploymentCommand.FAILED, DeploymentCommand.MISUNDERSTOOD})
final class OutboxDepthCommand extends DeploymentCommand {
    OutboxDepthCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        try (RoutingSagaStore store = deployment().openStore()) {
            ReadResult<List<OutboxDepth>> read = store.outbox().depth();
            List<Row> lines = new ArrayList<>(
                    OutboxCommands.table(read.value(), surroundings().clock().instant())
                            .lines());
            lines.add(Receipts.line(read.receipt(), Optional.empty()));
            print(
                    json -> {
                        json.writeStartObject();
                        json.writeArrayFieldStart("relays");
                        for (OutboxDepth depth : read.value()) {
                            OutboxCommands.write(json, depth);
                        }
                        json.writeEndArray();
                        Receipts.write(json, read.receipt());
                        json.writeEndObject();
                    },
                    lines);
            return CommandLine.ExitCode.OK;
        }
    }
}
