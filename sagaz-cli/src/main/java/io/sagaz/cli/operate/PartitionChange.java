package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Table;
import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import io.sagaz.migrations.MaintenanceReport;
import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.PartitionMaintenance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;

/** What all that change partitions have in common. */
abstract class PartitionChange extends DeploymentCommand {
    static final String TABLES = "saga_executions (saga_steps goes with it), saga_outbox or saga_audit_log";
    static final Set<String> SETTABLE = Set.of("saga_executions", "saga_outbox", "saga_audit_log");
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final String ACTIONS = "1:failed, or an action did (FAIL)";

    PartitionChange(Surroundings surroundings) {
        super(surroundings);
    }

    final PartitionMaintenance maintenance() {
        MigrationConfig config = deployment().migrations().withLockWait(PATIENCE);
        return PartitionMaintenance.of(config);
    }

    final void started(String words) {
        if (!isJson()) {
            progress(words);
        }
    }

    final int report(MaintenanceReport report, boolean dry) {
        return report(
                report.actions(),
                dry,
                Optional.of(report.took()),
                report.forgottenInboxRows(),
                report.forgottenIdempotencyKeys());
    }

    final int report(List<PartitionAction> actions, boolean dry, Optional<Duration> took, long inboxRows, long keys) {
        Table table = new Table(Column.text("ACTION"), Column.text("PARTITION"), Column.text("DETAILS"));
        for (PartitionAction action : actions) {
            table.add(
                    new Cell(style(action.kind()), action.kind().name()),
                    Cell.of(action.partition().isEmpty() ? action.table() : action.partition()),
                    Cell.of(action.details()));
        }
        List<Row> lines = new ArrayList<>(table.isEmpty() ? List.of() : table.lines());
        String rest = inboxRows + keys == 0
                ? ""
                : ", " + Figures.count(inboxRows) + " rows of consumer_inbox and " + Figures.count(keys)
                        + " idempotency keys forgotten";
        lines.add(new Row()
                .add(
                        Style.DIM,
                        (actions.isEmpty() ? "Nothing to do" : Figures.count(actions.size()) + " actions")
                                + rest
                                + (dry ? "; nothing was changed (--dry-run)" : "")
                                + took.map(time -> ", in " + Figures.duration(time))
                                        .orElse("")));
        print(json -> write(json, actions, dry, took, inboxRows, keys), lines);
        return actions.stream().anyMatch(action -> action.kind() == Kind.FAIL)
                ? CommandLine.ExitCode.SOFTWARE
                : CommandLine.ExitCode.OK;
    }

    private static Style style(Kind kind) {
        return switch (kind) {
            case FAIL -> Style.BAD;
            case KEEP, LATER, BUSY, ATTACH -> Style.NOTABLE;
            case CREATE, DROP, ARCHIVE, DETACH -> Style.GOOD;
            case EXISTS -> Style.DIM;
        };
    }

    private static void write(
            JsonGenerator json,
            List<PartitionAction> actions,
            boolean dry,
            Optional<Duration> took,
            long inboxRows,
            long keys)
            throws IOException {
        json.writeStartObject();
        json.writeBooleanField("dryRun", dry);
        json.writeArrayFieldStart("actions");
        for (PartitionAction action : actions) {
            json.writeStartObject();
            json.writeStringField("action", action.kind().name());
            json.writeStringField("table", action.table());
            json.writeStringField("partition", action.partition());
            json.writeStringField("details", action.details());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("forgottenInboxRows", inboxRows);
        json.writeNumberField("forgottenIdempotencyKeys", keys);
        Json.millis(json, "tookMillis", took);
        json.writeEndObject();
    }
}
