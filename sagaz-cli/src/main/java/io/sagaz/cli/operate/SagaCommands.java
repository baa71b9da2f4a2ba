package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.term.Style;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import java.io.IOException;
import picocli.CommandLine;

/** {@code sagaz sagas}. */
public final class SagaCommands {
    private SagaCommands() {}

    /** The command and its commands. */
    public static CommandLine group(Surroundings surroundings) {
        return GroupCommand.of(
                "sagas", "Lists and shows sagas.", new SagaList(surroundings), new SagaShow(surroundings));
    }

    /** How a status stands out. */
    static Style style(SagaStatus status) {
        return switch (status) {
            case SUCCESS -> Style.GOOD;
            case FAILED -> Style.BAD;
            case COMPENSATING, COMPENSATED -> Style.NOTABLE;
            case PENDING, RUNNING -> Style.NORMAL;
        };
    }

    /** Writes the fields of a saga's head. */
    static void write(JsonGenerator json, SagaSummary saga) throws IOException {
        json.writeStringField("id", saga.id().toString());
        json.writeStringField("name", saga.name());
        json.writeStringField("status", saga.status().name());
        json.writeNumberField("version", saga.version());
        json.writeStringField("createdAt", saga.id().createdAt().toString());
        json.writeStringField("updatedAt", saga.updatedAt().toString());
        Json.time(json, "completedAt", saga.completedAt());
        Json.optional(json, "owner", saga.owner());
        Json.time(json, "leasedUntil", saga.leasedUntil());
    }
}
