package io.sagaz.storage;

import java.util.Optional;

/**
 * What happens to one step of a saga, as part of a {@link SagaChange}.
 *
 * @param name the step; one that was not named at the start is added behind the others
 * @param status what it becomes
 * @param output what it produced, as JSON text; empty keeps what is there
 * @param error why it failed; empty clears what is there
 */
public record StepChange(String name, StepStatus status, Optional<String> output, Optional<String> error) {
    /**
     * Checks the change.
     *
     * @throws IllegalArgumentException if {@code name} is blank or longer than 255 characters
     */
    public StepChange {
        Require.name("StepChange.name", name);
        Require.present("StepChange.status", status);
        Require.present("StepChange.output", output);
        Require.present("StepChange.error", error).ifPresent(text -> Require.text("StepChange.error", text));
    }
}
