package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.connect.Deployment;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Table;
import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sagaz sagas show}. */
@Command(
        name = "show",
        header = "Shows a saga with its steps, and what the audit log and the outbox tell of it.",
        exitCodeList = {DeploymentCommand.DONE, "1:failed, or there is no such saga", DeploymentCommand.MISUNDERSTOOD})
final class SagaShow extends DeploymentCommand {
    private static final int MOST = 100;

    @Parameters(paramLabel = "ID", description = "The identifier of the saga.")
    private String id = "";

    @Option(
            names = "--data",
            description =
                    "SagaShow its data too: context, result, outputs of steps. They may tell what is nobody's business.")
    private boolean data;

    SagaShow(Surroundings surroundings) {
        super(surroundings);
    }

    /**
     * What there is to say.
     *
     * @param saga the saga
     * @param trail the first entries of its audit trail
     * @param events its first events
     */
    private record Story(ReadResult<Optional<Saga>> saga, Page<AuditRecord> trail, Page<StoredEvent> events) {
        Saga shown() {
            return saga.value().orElseThrow();
        }
    }

    @Override
    public Integer call() {
        SagaId wanted;
        try {
            wanted = SagaId.parse(id);
        } catch (IllegalArgumentException e) {
            throw misuse("ID: " + e.getMessage());
        }
        Deployment deployment = deployment();
        try (RoutingSagaStore store = deployment.openStore()) {
            SagaReads reads = store.reads();
            ReadResult<Optional<Saga>> saga = reads.find(wanted);
            if (saga.value().isEmpty()) {
                throw new CommandFailedException("There is no saga " + wanted + " in schema " + deployment.schema()
                        + " at " + deployment.forWrites().shown());
            }
            PageRequest first = PageRequest.first(MOST);
            Story story = new Story(
                    saga,
                    reads.auditTrail(wanted, first).value(),
                    reads.events(wanted, first).value());
            print(json -> write(json, story), lines(story));
            return CommandLine.ExitCode.OK;
        }
    }

    private List<Row> lines(Story story) {
        Saga saga = story.shown();
        SagaSummary head = saga.summary();
        List<Row> lines = new ArrayList<>();
        lines.add(new Row()
                .add(Style.BOLD, head.name() + " ")
                .add(head.id() + " ")
                .add(SagaCommands.style(head.status()), head.status().name())
                .add(", version " + head.version()));
        field(lines, "created", Optional.of(head.id().createdAt().toString()));
        field(lines, "updated", Optional.of(head.updatedAt().toString()));
        field(lines, "completed", head.completedAt().map(Instant::toString));
        field(
                lines,
                "owner",
                head.owner()
                        .map(owner -> owner
                                + head.leasedUntil().map(end -> " until " + end).orElse("")));
        field(lines, "key", saga.idempotencyKey());
        field(lines, "error", saga.error());
        if (data) {
            field(lines, "context", Optional.of(saga.context()));
            field(lines, "result", saga.result());
        }
        lines.add(new Row());
        lines.addAll(steps(saga.steps()));
        lines.add(new Row());
        lines.addAll(trail(story.trail()));
        lines.add(new Row());
        lines.addAll(events(story.events()));
        lines.add(Receipts.line(story.saga().receipt(), Optional.empty()));
        return lines;
    }

    private static void field(List<Row> lines, String name, Optional<String> value) {
        value.ifPresent(text -> lines.add(new Row()
                .add(Style.DIM, "  " + name)
                .to(13)
                .add(text.lines().findFirst().orElse(""))));
    }

    private List<Row> steps(List<SagaStep> steps) {
        Table table = new Table(
                Column.number("#"),
                Column.text("STEP"),
                Column.text("STATUS"),
                Column.number("RETRIES"),
                Column.text("STARTED"),
                Column.text("ENDED"),
                Column.text(data ? "ERROR OR OUTPUT" : "ERROR"));
        for (SagaStep step : steps) {
            table.add(
                    Cell.of(Integer.toString(step.index())),
                    Cell.of(step.name()),
                    Cell.of(step.status().name()),
                    Cell.of(Integer.toString(step.retries())),
                    Cell.of(step.startedAt().map(Instant::toString).orElse("-")),
                    Cell.of(step.completedAt().map(Instant::toString).orElse("-")),
                    Cell.of(step.error()
                            .or(() -> data ? step.output() : Optional.empty())
                            .map(text -> text.lines().findFirst().orElse(""))
                            .orElse("-")));
        }
        return table.lines();
    }

    private static List<Row> trail(Page<AuditRecord> trail) {
        Table table = new Table(Column.text("AUDIT"), Column.text("WHAT"), Column.text("STEP"), Column.text("ACTOR"));
        trail.items()
                .forEach(entry -> table.add(
                        Cell.of(entry.createdAt().toString()),
                        Cell.of(entry.type()),
                        Cell.of(entry.step().orElse("-")),
                        Cell.of(entry.actor().orElse("-"))));
        return withMore(table.lines(), trail.next().isPresent());
    }

    private static List<Row> events(Page<StoredEvent> events) {
        Table table =
                new Table(Column.text("EVENT"), Column.text("EMITTED"), Column.text("TOPIC"), Column.text("TYPE"));
        events.items()
                .forEach(event -> table.add(
                        Cell.of(event.id().toString()),
                        Cell.of(event.createdAt().toString()),
                        Cell.of(event.topic()),
                        Cell.of(event.type().orElse("-"))));
        return withMore(table.lines(), events.next().isPresent());
    }

    private static List<Row> withMore(List<Row> lines, boolean more) {
        List<Row> all = new ArrayList<>(lines);
        if (more) {
            all.add(new Row().add(Style.DIM, "… and more; the first " + MOST + " are shown"));
        }
        return all;
    }

    private void write(JsonGenerator json, Story story) throws IOException {
        Saga saga = story.shown();
        json.writeStartObject();
        SagaCommands.write(json, saga.summary());
        Json.optional(json, "idempotencyKey", saga.idempotencyKey());
        Json.optional(json, "error", saga.error());
        if (data) {
            Json.raw(json, "context", Optional.of(saga.context()));
            Json.raw(json, "result", saga.result());
        }
        json.writeArrayFieldStart("steps");
        for (SagaStep step : saga.steps()) {
            write(json, step);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("audit");
        for (AuditRecord entry : story.trail().items()) {
            json.writeStartObject();
            json.writeStringField("at", entry.createdAt().toString());
            json.writeStringField("type", entry.type());
            Json.number(json, "version", entry.version());
            Json.optional(json, "step", entry.step());
            Json.optional(json, "actor", entry.actor());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeBooleanField("moreAudit", story.trail().next().isPresent());
        json.writeArrayFieldStart("events");
        for (StoredEvent event : story.events().items()) {
            json.writeStartObject();
            json.writeStringField("id", event.id().toString());
            json.writeStringField("at", event.createdAt().toString());
            json.writeStringField("topic", event.topic());
            Json.optional(json, "type", event.type());
            Json.optional(json, "key", event.key());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeBooleanField("moreEvents", story.events().next().isPresent());
        Receipts.write(json, story.saga().receipt());
        json.writeEndObject();
    }

    private void write(JsonGenerator json, SagaStep step) throws IOException {
        json.writeStartObject();
        json.writeNumberField("index", step.index());
        json.writeStringField("name", step.name());
        json.writeStringField("status", step.status().name());
        json.writeNumberField("retries", step.retries());
        Json.time(json, "startedAt", step.startedAt());
        Json.time(json, "completedAt", step.completedAt());
        Json.optional(json, "error", step.error());
        if (data) {
            Json.raw(json, "output", step.output());
        }
        json.writeEndObject();
    }
}
