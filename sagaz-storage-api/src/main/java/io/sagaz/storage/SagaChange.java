package io.sagaz.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything that one step forward (or back) changes in a saga: its status, its steps, the events that tell of it. It
 * becomes durable as a whole or not at all.
 *
 * <p>Immutable: begin with one of the static methods and add to it; each method returns a changed copy.
 *
 * <pre>{@code
 * SagaChange.stepSucceeded("charge", output).emit(event)
 * SagaChange.to(COMPENSATING).andStep("charge", StepStatus.FAILED).error("card declined")
 * }</pre>
 */
public final class SagaChange {
    private static final SagaChange NOTHING = new SagaChange(
            Optional.empty(), List.of(), Optional.empty(), Optional.empty(), List.of(), List.of(), Optional.empty());

    private final Optional<SagaStatus> status;
    private final List<StepChange> steps;
    private final Optional<String> result;
    private final Optional<String> error;
    private final List<OutboxEvent> events;
    private final List<AuditEntry> auditEntries;
    private final Optional<Lease> lease;

    private SagaChange(
            Optional<SagaStatus> status,
            List<StepChange> steps,
            Optional<String> result,
            Optional<String> error,
            List<OutboxEvent> events,
            List<AuditEntry> auditEntries,
            Optional<Lease> lease) {
        this.status = status;
        this.steps = steps;
        this.result = result;
        this.error = error;
        this.events = events;
        this.auditEntries = auditEntries;
        this.lease = lease;
    }

    /** The saga becomes {@code status}. */
    public static SagaChange to(SagaStatus status) {
        return NOTHING.andTo(status);
    }

    /** All steps were done, and the saga has produced {@code result}, which is JSON text. */
    public static SagaChange succeeded(String result) {
        return to(SagaStatus.SUCCESS).result(result);
    }

    /** The saga is given up because of {@code error}. */
    public static SagaChange failed(String error) {
        return to(SagaStatus.FAILED).error(error);
    }

    /** Nothing but an entry in the audit log; the version goes up all the same. See also {@link SagaWrites#annotate}. */
    public static SagaChange note(AuditEntry entry) {
        return NOTHING.audit(entry);
    }

    /** Nothing but a lease: the caller goes on working on the saga. */
    public static SagaChange renewed(Lease lease) {
        return NOTHING.lease(lease);
    }

    /** The step {@code name} was begun, or begun again after it had failed, which counts as a retry. */
    public static SagaChange stepStarted(String name) {
        return NOTHING.andStep(name, StepStatus.RUNNING);
    }

    /** The step {@code name} was done and produced {@code output}, which is JSON text. */
    public static SagaChange stepSucceeded(String name, String output) {
        return NOTHING.andStep(new StepChange(
                name, StepStatus.SUCCESS, Optional.of(Require.present("SagaChange.output", output)), Optional.empty()));
    }

    /** The step {@code name} failed because of {@code error}. */
    public static SagaChange stepFailed(String name, String error) {
        return NOTHING.andStep(new StepChange(
                name, StepStatus.FAILED, Optional.empty(), Optional.of(Require.text("SagaChange.error", error))));
    }

    /** Undoing the step {@code name} was begun. */
    public static SagaChange stepCompensating(String name) {
        return NOTHING.andStep(name, StepStatus.COMPENSATING);
    }

    /** The step {@code name} was undone. */
    public static SagaChange stepCompensated(String name) {
        return NOTHING.andStep(name, StepStatus.COMPENSATED);
    }

    /** Adds: the saga becomes {@code status}. */
    public SagaChange andTo(SagaStatus status) {
        return new SagaChange(
                Optional.of(Require.present("SagaChange.status", status)),
                steps,
                result,
                error,
                events,
                auditEntries,
                lease);
    }

    /** Adds: the step {@code name} becomes {@code status}. */
    public SagaChange andStep(String name, StepStatus status) {
        return andStep(new StepChange(name, status, Optional.empty(), Optional.empty()));
    }

    /**
     * Adds a change of a step.
     *
     * @throws IllegalArgumentException if this change has one for the same step already
     */
    public SagaChange andStep(StepChange step) {
        Require.present("SagaChange.step", step);
        if (steps.stream().anyMatch(s -> s.name().equals(step.name()))) {
            throw new IllegalArgumentException("SagaChange.steps must not name a step twice: \"" + step.name() + "\"");
        }
        List<StepChange> more = new ArrayList<>(steps);
        more.add(step);
        return new SagaChange(status, List.copyOf(more), result, error, events, auditEntries, lease);
    }

    /** Sets what the saga produced, as JSON text. */
    public SagaChange result(String json) {
        return new SagaChange(
                status,
                steps,
                Optional.of(Require.present("SagaChange.result", json)),
                error,
                events,
                auditEntries,
                lease);
    }

    /** Sets why the saga failed or is undone. */
    public SagaChange error(String error) {
        return new SagaChange(
                status,
                steps,
                result,
                Optional.of(Require.text("SagaChange.error", error)),
                events,
                auditEntries,
                lease);
    }

    /** Adds an event that is emitted if, and only if, this change is applied. */
    public SagaChange emit(OutboxEvent event) {
        List<OutboxEvent> more = new ArrayList<>(events);
        more.add(Require.present("SagaChange.event", event));
        return new SagaChange(status, steps, result, error, List.copyOf(more), auditEntries, lease);
    }

    /** Adds an entry to the audit log, beside the one that tells of the change. */
    public SagaChange audit(AuditEntry entry) {
        List<AuditEntry> more = new ArrayList<>(auditEntries);
        more.add(Require.present("SagaChange.auditEntry", entry));
        return new SagaChange(status, steps, result, error, events, List.copyOf(more), lease);
    }

    /** Sets who works on the saga from now on. Without it that stays as it is; the end of a saga ends its lease. */
    public SagaChange lease(Lease lease) {
        return new SagaChange(
                status,
                steps,
                result,
                error,
                events,
                auditEntries,
                Optional.of(Require.present("SagaChange.lease", lease)));
    }

    /** What the saga becomes; empty leaves its status alone. */
    public Optional<SagaStatus> status() {
        return status;
    }

    /** The changes of steps. */
    public List<StepChange> steps() {
        return steps;
    }

    /** What the saga produced, as JSON text; empty keeps what is there. */
    public Optional<String> result() {
        return result;
    }

    /** Why the saga failed; empty keeps what is there. */
    public Optional<String> error() {
        return error;
    }

    /** The events, in the order in which they were added. */
    public List<OutboxEvent> events() {
        return events;
    }

    /** The entries for the audit log, in the order in which they were added. */
    public List<AuditEntry> auditEntries() {
        return auditEntries;
    }

    /** Who works on the saga from now on; empty leaves that as it is. */
    public Optional<Lease> lease() {
        return lease;
    }

    /** Status, steps and number of events; never their data. */
    @Override
    public String toString() {
        return "SagaChange[status=" + status.map(Enum::name).orElse("-") + ", steps="
                + steps.stream().map(s -> s.name() + "→" + s.status()).toList() + ", events=" + events.size() + "]";
    }
}
