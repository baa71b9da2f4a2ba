package io.sagaz.cli.operate;

import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Table;
import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sagaz sagas list}. */
@Command(
        name = "list",
        header = "Lists sagas, the newest first.",
        exitCodeList = {DeploymentCommand.DONE, DeploymentCommand.FAILED, DeploymentCommand.MISUNDERSTOOD})
final class SagaList extends DeploymentCommand {
    @Option(names = "--name", paramLabel = "NAME", description = "Only sagas of this name.")
    private @Nullable String name;

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            description = "Only sagas of this status: ${COMPLETION-CANDIDATES}. May be given again.")
    private List<SagaStatus> statuses = new ArrayList<>();

    @Option(names = "--owner", paramLabel = "OWNER", description = "Only unfinished sagas that this owner works on.")
    private @Nullable String owner;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Times.OfMoment.class,
            description = "Only sagas made since: " + Times.MOMENTS + ". Makes the list cheaper.")
    private Times.@Nullable Moment since;

    @Option(
            names = "--before",
            paramLabel = "TIME",
            converter = Times.OfMoment.class,
            description = "Only sagas made before; as --since.")
    private Times.@Nullable Moment before;

    @Mixin
    private final PageOptions page = new PageOptions();

    SagaList(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        PageRequest wanted = page.page();
        SagaFilter filter = filter();
        try (RoutingSagaStore store = deployment().openStore()) {
            ReadResult<Page<SagaSummary>> read = store.reads().list(filter, wanted);
            List<SagaSummary> sagas = read.value().items();
            List<Row> lines = new ArrayList<>(lines(sagas));
            lines.add(Receipts.line(read.receipt(), read.value().next()));
            print(
                    json -> {
                        json.writeStartObject();
                        json.writeArrayFieldStart("sagas");
                        for (SagaSummary saga : sagas) {
                            json.writeStartObject();
                            SagaCommands.write(json, saga);
                            json.writeEndObject();
                        }
                        json.writeEndArray();
                        Receipts.write(json, read.value().next());
                        Receipts.write(json, read.receipt());
                        json.writeEndObject();
                    },
                    lines);
            return CommandLine.ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw misuse("--after: " + e.getMessage());
        }
    }

    private SagaFilter filter() {
        try {
            SagaFilter filter = name == null ? SagaFilter.all() : SagaFilter.named(name);
            if (!statuses.isEmpty()) {
                filter = filter.status(
                        statuses.get(0), statuses.subList(1, statuses.size()).toArray(SagaStatus[]::new));
            }
            if (owner != null) {
                filter = filter.owner(owner);
            }
            Instant now = surroundings().clock().instant();
            if (since != null) {
                filter = filter.createdFrom(since.from(now));
            }
            return before == null ? filter : filter.createdBefore(before.from(now));
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private static List<Row> lines(List<SagaSummary> sagas) {
        Table table = new Table(
                Column.text("SAGA"),
                Column.text("NAME"),
                Column.text("STATUS"),
                Column.number("VERSION"),
                Column.text("CREATED"),
                Column.text("UPDATED"),
                Column.text("OWNER"));
        for (SagaSummary saga : sagas) {
            table.add(
                    Cell.of(saga.id().toString()),
                    Cell.of(saga.name()),
                    new Cell(SagaCommands.style(saga.status()), saga.status().name()),
                    Cell.of(Long.toString(saga.version())),
                    Cell.of(saga.id().createdAt().toString()),
                    Cell.of(saga.updatedAt().toString()),
                    Cell.of(saga.owner().orElse("-")));
        }
        return table.lines();
    }
}
