package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Table;
import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import io.sagaz.storage.OutboxDepth;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine;

/** {@code sagaz outbox}. */
public final class OutboxCommands {
    private OutboxCommands() {}

    /** The command and its commands. */
    public static CommandLine group(Surroundings surroundings) {
        return GroupCommand.of("outbox", "Looks at the outbox.", new OutboxDepthCommand(surroundings));
    }

    /** How far relays are, for people. */
    static Table table(List<OutboxDepth> depths, Instant now) {
        Table table = new Table(
                Column.text("RELAY"),
                Column.number("UNPUBLISHED"),
                Column.number("OLDEST"),
                Column.number("PARKED"),
                Column.number("DEAD LETTERS"),
                Column.text("LAST SEEN"));
        for (OutboxDepth depth : depths) {
            table.add(
                    Cell.of(depth.relay().orElse("(none registered)")),
                    Cell.of(Figures.count(depth.unpublished()) + (depth.exact() ? "" : " or more")),
                    Cell.of(depth.oldestAge().map(Figures::age).orElse("-")),
                    new Cell(depth.parked() == 0 ? Style.NORMAL : Style.NOTABLE, Figures.count(depth.parked())),
                    new Cell(depth.deadLetters() == 0 ? Style.NORMAL : Style.BAD, Figures.count(depth.deadLetters())),
                    Cell.of(depth.lastSeenAt()
                            .map(seen -> Figures.age(Duration.between(seen, now)) + " ago")
                            .orElse("-")));
        }
        return table;
    }

    static void write(JsonGenerator json, OutboxDepth depth) throws IOException {
        json.writeStartObject();
        Json.optional(json, "relay", depth.relay());
        Json.time(json, "lastSeenAt", depth.lastSeenAt());
        json.writeNumberField("unpublished", depth.unpublished());
        json.writeBooleanField("exact", depth.exact());
        json.writeNumberField("atMost", depth.atMost());
        Json.time(json, "oldest", depth.oldest());
        Json.millis(json, "oldestAgeMillis", depth.oldestAge());
        json.writeNumberField("parked", depth.parked());
        json.writeNumberField("deadLetters", depth.deadLetters());
        json.writeEndObject();
    }
}
