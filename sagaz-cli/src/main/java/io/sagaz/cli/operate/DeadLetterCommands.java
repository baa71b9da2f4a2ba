package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.Surroundings;
import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.SagaId;
import java.io.IOException;
import picocli.CommandLine;

/** {@code sagaz dlq}: events that a relay has given up. */
public final class DeadLetterCommands {
    private DeadLetterCommands() {}

    /** The command and its commands. */
    public static CommandLine group(Surroundings surroundings) {
        return GroupCommand.of(
                "dlq",
                "Lists, shows, sends again and discards dead letters: events that a relay has given up.",
                new DeadLetterList(surroundings),
                new DeadLetterShow(surroundings),
                new DeadLetterReplay(surroundings),
                new DeadLetterPurge(surroundings));
    }

    /** Writes the fields of a dead letter. */
    static void write(JsonGenerator json, DeadLetter letter) throws IOException {
        json.writeStringField("event", letter.eventId().toString());
        json.writeStringField("createdAt", letter.createdAt().toString());
        Json.optional(json, "topic", letter.topic());
        Json.optional(json, "type", letter.type());
        Json.optional(json, "saga", letter.saga().map(SagaId::toString));
        json.writeNumberField("attempts", letter.attempts());
        json.writeStringField("diedAt", letter.diedAt().toString());
        Json.optional(json, "error", letter.error());
    }
}
