package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sagaz dlq show}. */
@Command(
        name = "show",
        header = "Shows a dead letter and its event, with headers and payload.",
        exitCodeList = {
            DeploymentCommand.DONE,
            "1:failed, or the relay has not given up such an event",
            DeploymentCommand.MISUNDERSTOOD
        })
final class DeadLetterShow extends RelayCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls.
    private CommandSpec command;

    @Parameters(paramLabel = "EVENT", description = "The identifier of the event.")
    private String id = "";

    DeadLetterShow(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        UUID event = Events.parse(command, id);
        try (RoutingSagaStore store = deployment().openStore()) {
            String relay = relay(store);
            DeadLetter letter = find(store.outbox(ReadConsistency.strong()), relay, event);
            Optional<StoredEvent> stored = store.outboxAdmin().event(event);
            print(json -> write(json, relay, letter, stored), lines(relay, letter, stored));
            return CommandLine.ExitCode.OK;
        }
    }

    private static DeadLetter find(OutboxReads outbox, String relay, UUID event) {
        Optional<PageRequest> page = Optional.of(PageRequest.first(PageRequest.MAX_SIZE));
        while (page.isPresent()) {
            Page<DeadLetter> letters = outbox.deadLetters(relay, page.get()).value();
            for (DeadLetter letter : letters.items()) {
                if (letter.eventId().equals(event)) {
                    return letter;
                }
            }
            page = letters.next();
        }
        throw new CommandFailedException("The relay " + relay + " has no dead letter " + event);
    }

    private static List<Row> lines(String relay, DeadLetter letter, Optional<StoredEvent> stored) {
        List<Row> lines = new ArrayList<>();
        field(lines, "event", letter.eventId().toString());
        field(lines, "relay", relay);
        field(lines, "emitted", letter.createdAt().toString());
        field(lines, "given up", letter.diedAt() + " after " + letter.attempts() + " attempts");
        letter.error().ifPresent(error -> field(lines, "error", error));
        letter.saga().ifPresent(saga -> field(lines, "saga", saga.toString()));
        stored.ifPresentOrElse(
                event -> {
                    field(lines, "topic", event.topic());
                    event.key().ifPresent(key -> field(lines, "key", key));
                    event.type().ifPresent(type -> field(lines, "type", type));
                    event.headers().forEach((name, value) -> field(lines, "header", name + ": " + value));
                    field(lines, "payload", payload(event.payload()));
                },
                () -> field(lines, "payload", "the event is gone from the outbox: it cannot be sent again"));
        return lines;
    }

    private static void field(List<Row> lines, String name, String value) {
        lines.add(new Row().add(Style.DIM, name).to(10).add(value));
    }

    private static String payload(EventPayload payload) {
        return payload instanceof EventPayload.Json json
                ? json.text()
                : payload instanceof EventPayload.Bytes bytes
                        ? Figures.bytes(bytes.length()) + " of " + bytes.contentType() + " (--json shows them)"
                        : payload.toString();
    }

    private static void write(JsonGenerator json, String relay, DeadLetter letter, Optional<StoredEvent> stored)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("relay", relay);
        DeadLetterCommands.write(json, letter);
        json.writeFieldName("stored");
        if (stored.isEmpty()) {
            json.writeNull();
        } else {
            write(json, stored.get());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, StoredEvent event) throws IOException {
        json.writeStartObject();
        json.writeNumberField("number", event.number());
        Json.optional(json, "key", event.key());
        json.writeObjectFieldStart("headers");
        for (Map.Entry<String, String> header : event.headers().entrySet()) {
            json.writeStringField(header.getKey(), header.getValue());
        }
        json.writeEndObject();
        json.writeStringField("contentType", event.payload().contentType());
        Optional<String> text =
                event.payload() instanceof EventPayload.Json payload ? Optional.of(payload.text()) : Optional.empty();
        Json.raw(json, "payload", text);
        Optional<String> base64 = event.payload() instanceof EventPayload.Bytes bytes
                ? Optional.of(Base64.getEncoder().encodeToString(bytes.toByteArray()))
                : Optional.empty();
        Json.optional(json, "payloadBase64", base64);
        json.writeEndObject();
    }
}
