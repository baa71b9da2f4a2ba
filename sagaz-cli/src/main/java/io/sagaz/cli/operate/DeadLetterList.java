package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Table;
import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sagaz dlq list}. */
@Command(
        name = "list",
        header = "Lists dead letters, the newest event first.",
        exitCodeList = {DeploymentCommand.DONE, DeploymentCommand.FAILED, DeploymentCommand.MISUNDERSTOOD})
final class DeadLetterList extends RelayCommand {
    @Mixin
    private final PageOptions page = new PageOptions();

    DeadLetterList(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        PageRequest wanted = page.page();
        try (RoutingSagaStore store = deployment().openStore()) {
            String relay = relay(store);
            ReadResult<Page<DeadLetter>> read = store.outbox().deadLetters(relay, wanted);
            print(json -> write(json, relay, read), lines(read));
            return CommandLine.ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw misuse("--after: " + e.getMessage());
        }
    }

    private static List<Row> lines(ReadResult<Page<DeadLetter>> read) {
        Table table = new Table(
                Column.text("EVENT"),
                Column.text("TOPIC"),
                Column.text("TYPE"),
                Column.number("ATTEMPTS"),
                Column.text("GIVEN UP"),
                Column.text("ERROR"));
        for (DeadLetter letter : read.value().items()) {
            table.add(
                    Cell.of(letter.eventId().toString()),
                    Cell.of(letter.topic().orElse("(event is gone)")),
                    Cell.of(letter.type().orElse("-")),
                    Cell.of(Integer.toString(letter.attempts())),
                    Cell.of(letter.diedAt().toString()),
                    Cell.of(letter.error()
                            .map(error -> error.lines().findFirst().orElse(""))
                            .orElse("-")));
        }
        List<Row> lines = new ArrayList<>(table.lines());
        lines.add(Receipts.line(read.receipt(), read.value().next()));
        return lines;
    }

    private static void write(JsonGenerator json, String relay, ReadResult<Page<DeadLetter>> read) throws IOException {
        json.writeStartObject();
        json.writeStringField("relay", relay);
        json.writeArrayFieldStart("deadLetters");
        for (DeadLetter letter : read.value().items()) {
            json.writeStartObject();
            DeadLetterCommands.write(json, letter);
            json.writeEndObject();
        }
        json.writeEndArray();
        Receipts.write(json, read.value().next());
        Receipts.write(json, read.receipt());
        json.writeEndObject();
    }
}
