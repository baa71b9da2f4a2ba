package io.sagaz.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A saga to be started. Immutable: each method returns a changed copy.
 *
 * <p>Each object is one saga: starting it again, for example after an unknown outcome, starts no second one. A copy is
 * another saga, with an identifier of its own unless {@link #id(SagaId)} gave one, so a template may be copied at will.
 *
 * <pre>{@code
 * NewSaga.named("order").steps("reserve", "charge", "ship").context(json).idempotencyKey("order-42")
 * }</pre>
 */
public final class NewSaga {
    /** Set by the caller; else each object has one of its own. */
    private final Optional<SagaId> givenId;

    private final SagaId id;
    private final String name;
    private final List<String> steps;
    private final String context;
    private final Optional<String> idempotencyKey;
    private final List<OutboxEvent> events;
    private final List<AuditEntry> auditEntries;
    private final Optional<Lease> lease;

    private NewSaga(
            Optional<SagaId> givenId,
            String name,
            List<String> steps,
            String context,
            Optional<String> idempotencyKey,
            List<OutboxEvent> events,
            List<AuditEntry> auditEntries,
            Optional<Lease> lease) {
        this.givenId = givenId;
        this.id = givenId.orElseGet(SagaId::next);
        this.name = name;
        this.steps = steps;
        this.context = context;
        this.idempotencyKey = idempotencyKey;
        this.events = events;
        this.auditEntries = auditEntries;
        this.lease = lease;
    }

    /**
     * A saga of this name, with a new identifier, no steps and an empty context.
     *
     * @throws IllegalArgumentException if {@code name} is blank or longer than 255 characters
     */
    public static NewSaga named(String name) {
        return new NewSaga(
                Optional.empty(),
                Require.name("NewSaga.name", name),
                List.of(),
                "{}",
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
    }

    /** Sets the identifier, which copies keep: starting the same identifier twice starts one saga. */
    public NewSaga id(SagaId id) {
        return new NewSaga(
                Optional.of(Require.present("NewSaga.id", id)),
                name,
                steps,
                context,
                idempotencyKey,
                events,
                auditEntries,
                lease);
    }

    /**
     * Sets the steps, in their order.
     *
     * @throws IllegalArgumentException if a name is blank, longer than 255 characters or stands twice
     */
    public NewSaga steps(String... steps) {
        List<String> names = Require.elements("NewSaga.steps", Arrays.asList(Require.present("NewSaga.steps", steps)));
        Set<String> seen = new HashSet<>();
        for (String step : names) {
            if (!seen.add(Require.name("NewSaga.steps", step))) {
                throw new IllegalArgumentException("NewSaga.steps must not name a step twice: \"" + step + "\"");
            }
        }
        return new NewSaga(givenId, name, names, context, idempotencyKey, events, auditEntries, lease);
    }

    /**
     * Sets the data of the saga. The store refuses what is not valid JSON before it writes anything, and keeps it as
     * PostgreSQL keeps jsonb: without white space, keys sorted, the last of equal keys, numbers written out.
     */
    public NewSaga context(String json) {
        return new NewSaga(
                givenId,
                name,
                steps,
                Require.present("NewSaga.context", json),
                idempotencyKey,
                events,
                auditEntries,
                lease);
    }

    /**
     * Sets the key by which a repeated start is recognised among the sagas of this name.
     *
     * @throws IllegalArgumentException if {@code key} is blank or longer than 255 characters
     */
    public NewSaga idempotencyKey(String key) {
        return new NewSaga(
                givenId,
                name,
                steps,
                context,
                Optional.of(Require.name("NewSaga.idempotencyKey", key)),
                events,
                auditEntries,
                lease);
    }

    /** Adds an event that is emitted if, and only if, this call starts the saga. */
    public NewSaga emit(OutboxEvent event) {
        List<OutboxEvent> more = new ArrayList<>(events);
        more.add(Require.present("NewSaga.event", event));
        return new NewSaga(givenId, name, steps, context, idempotencyKey, List.copyOf(more), auditEntries, lease);
    }

    /** Adds an entry to the audit log, beside the one that tells of the start. */
    public NewSaga audit(AuditEntry entry) {
        List<AuditEntry> more = new ArrayList<>(auditEntries);
        more.add(Require.present("NewSaga.auditEntry", entry));
        return new NewSaga(givenId, name, steps, context, idempotencyKey, events, List.copyOf(more), lease);
    }

    /** Sets who works on the saga from its start on. Without it nobody does, and it is abandoned when it stands still. */
    public NewSaga lease(Lease lease) {
        return new NewSaga(
                givenId,
                name,
                steps,
                context,
                idempotencyKey,
                events,
                auditEntries,
                Optional.of(Require.present("NewSaga.lease", lease)));
    }

    /** The identifier that the saga gets. */
    public SagaId id() {
        return id;
    }

    /** The name of the kind of saga. */
    public String name() {
        return name;
    }

    /** The names of the steps, in their order. */
    public List<String> steps() {
        return steps;
    }

    /** The data of the saga as JSON text. */
    public String context() {
        return context;
    }

    /** The key that was set. */
    public Optional<String> idempotencyKey() {
        return idempotencyKey;
    }

    /** The events, in the order in which they were added. */
    public List<OutboxEvent> events() {
        return events;
    }

    /** The entries for the audit log, in the order in which they were added. */
    public List<AuditEntry> auditEntries() {
        return auditEntries;
    }

    /** Who works on the saga. */
    public Optional<Lease> lease() {
        return lease;
    }

    /** Identifier and name; never the context. */
    @Override
    public String toString() {
        return "NewSaga[" + id + ", name=" + name + "]";
    }
}
