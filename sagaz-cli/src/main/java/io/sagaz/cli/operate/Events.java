package io.sagaz.cli.operate;

import java.util.UUID;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Reads identifiers of events. */
final class Events {
    private Events() {}

    static UUID parse(CommandSpec command, String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equalsIgnoreCase(text)) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new ParameterException(
                command.commandLine(),
                "EVENT must be the identifier of an event, a UUID of 36 characters, but is " + text);
    }
}
