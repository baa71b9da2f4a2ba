package io.sagaz.storage;

import java.util.Optional;

/**
 * Something to be remembered of a saga, in the audit log: beside a change, or by itself. The log is only added to.
 * Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * AuditEntry.of("REFUND_APPROVED").step("charge").actor("alice").json(details)
 * }</pre>
 */
public final class AuditEntry {
    private final String type;
    private final Optional<String> step;
    private final Optional<String> actor;
    private final String data;

    private AuditEntry(String type, Optional<String> step, Optional<String> actor, String data) {
        this.type = type;
        this.step = step;
        this.actor = actor;
        this.data = data;
    }

    /**
     * An entry that says what happened, with {@code {}} as data. The store itself writes entries of the types {@code
     * SAGA_STARTED}, {@code SAGA_CHANGED} and {@code SAGA_CLAIMED}.
     *
     * @throws IllegalArgumentException if {@code type} is blank or longer than 255 characters
     */
    public static AuditEntry of(String type) {
        return new AuditEntry(Require.name("AuditEntry.type", type), Optional.empty(), Optional.empty(), "{}");
    }

    /**
     * Sets the step it happened to.
     *
     * @throws IllegalArgumentException if {@code name} is blank or longer than 255 characters
     */
    public AuditEntry step(String name) {
        return new AuditEntry(type, Optional.of(Require.name("AuditEntry.step", name)), actor, data);
    }

    /**
     * Sets who did it.
     *
     * @throws IllegalArgumentException if {@code name} is blank or longer than 255 characters
     */
    public AuditEntry actor(String name) {
        return new AuditEntry(type, step, Optional.of(Require.name("AuditEntry.actor", name)), data);
    }

    /** Sets what else is to be known, as JSON text. The store refuses what is not valid JSON before it writes anything. */
    public AuditEntry json(String data) {
        return new AuditEntry(type, step, actor, Require.present("AuditEntry.data", data));
    }

    /** What happened. */
    public String type() {
        return type;
    }

    /** The step it happened to. */
    public Optional<String> step() {
        return step;
    }

    /** Who did it. */
    public Optional<String> actor() {
        return actor;
    }

    /** What else is to be known, as JSON text. */
    public String data() {
        return data;
    }

    /** Type, step and actor; never the data. */
    @Override
    public String toString() {
        return "AuditEntry[" + type + ", step=" + step.orElse("-") + ", actor=" + actor.orElse("-") + "]";
    }
}
