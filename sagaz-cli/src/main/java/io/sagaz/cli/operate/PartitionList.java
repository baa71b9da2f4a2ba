package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Table;
import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz partition list}. */
@Command(
        name = "list",
        header = "Lists the partitions with their bounds, states and sizes.",
        exitCodeList = {DeploymentCommand.DONE, DeploymentCommand.FAILED, DeploymentCommand.MISUNDERSTOOD})
final class PartitionList extends DeploymentCommand {
    private static final Set<String> LISTED = Set.of("saga_executions", "saga_steps", "saga_outbox", "saga_audit_log");

    @Option(names = "--table", paramLabel = "TABLE", description = "Only those of this table; may be given again.")
    private List<String> tables = new ArrayList<>();

    PartitionList(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        for (String table : tables) {
            if (!LISTED.contains(table)) {
                throw misuse(
                        "--table must be saga_executions, saga_steps, saga_outbox or saga_audit_log, but is " + table);
            }
        }
        try (RoutingSagaStore store = deployment().openStore()) {
            List<PartitionSize> partitions = store.statistics(ReadConsistency.strong()).partitions().value().stream()
                    .filter(partition -> tables.isEmpty() || tables.contains(partition.table()))
                    .toList();
            print(json -> write(json, partitions), lines(partitions));
            return CommandLine.ExitCode.OK;
        }
    }

    private static List<Row> lines(List<PartitionSize> partitions) {
        Table table = new Table(
                Column.text("PARTITION"),
                Column.text("FROM (UTC)"),
                Column.text("BEFORE"),
                Column.text("STATE"),
                Column.number("ROWS (EST.)"),
                Column.number("SIZE"));
        for (PartitionSize partition : partitions) {
            table.add(
                    Cell.of(partition.partition()),
                    Cell.of(day(partition.from())),
                    Cell.of(day(partition.before())),
                    new Cell(partition.state().equals("ATTACHED") ? Style.NORMAL : Style.NOTABLE, partition.state()),
                    Cell.of(Figures.count(partition.estimatedRows())),
                    Cell.of(Figures.bytes(partition.bytes())));
        }
        return table.lines();
    }

    private static String day(Optional<Instant> time) {
        return time.map(at -> at.atOffset(ZoneOffset.UTC).toLocalDate().toString())
                .orElse("-");
    }

    private static void write(JsonGenerator json, List<PartitionSize> partitions) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("partitions");
        for (PartitionSize partition : partitions) {
            json.writeStartObject();
            json.writeStringField("table", partition.table());
            json.writeStringField("partition", partition.partition());
            Json.time(json, "from", partition.from());
            Json.time(json, "before", partition.before());
            json.writeStringField("state", partition.state());
            json.writeNumberField("estimatedRows", partition.estimatedRows());
            json.writeNumberField("bytes", partition.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
