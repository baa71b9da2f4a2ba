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
 * <pre>{@code
 * NewSaga.named("order").steps("reserve", "charge", "ship").context(json).idempotencyKey("order-42")
 * }</pre>
 */
public final class NewSaga {
    private final SagaId id;
    private final String name;
    private final List<String> steps;
    private final String context;
    private final Optional<String> idempotencyKey;
    private final List<OutboxEvent> events;

    private NewSaga(
            SagaId id,
            String name,
            List<String> steps,
            String context,
            Optional<String> idempotencyKey,
            List<OutboxEvent> events) {
        this.id = id;
        this.name = name;
        this.steps = steps;
        this.context = context;
        this.idempotencyKey = idempotencyKey;
        this.events = events;
    }

    /**
     * A saga of this name, with a new identifier, no steps and an empty context.
     *
     * @throws IllegalArgumentException if {@code name} is blank or longer than 255 characters
     */
    public static NewSaga named(String name) {
        return new NewSaga(
                SagaId.next(), Require.name("NewSaga.name", name), List.of(), "{}", Optional.empty(), List.of());
    }

    /** Sets the identifier: starting the same identifier twice starts one saga. */
    public NewSaga id(SagaId id) {
        return new NewSaga(Require.present("NewSaga.id", id), name, steps, context, idempotencyKey, events);
    }

    /**
     * Sets the steps, in their order.
     *
     * @throws IllegalArgumentException if a name is blank, longer than 255 characters or stands twice
     */
    public NewSaga steps(String... steps) {
        List<String> names = Require.elements("NewSaga.steps", Arrays.asList(steps));
        Set<String> seen = new HashSet<>();
        for (String step : names) {
            if (!seen.add(Require.name("NewSaga.steps", step))) {
                throw new IllegalArgumentException("NewSaga.steps must not name a step twice: \"" + step + "\"");
            }
        }
        return new NewSaga(id, name, names, context, idempotencyKey, events);
    }

    /** Sets the data of the saga. The store refuses what is not valid JSON before it writes anything. */
    public NewSaga context(String json) {
        return new NewSaga(id, name, steps, Require.present("NewSaga.context", json), idempotencyKey, events);
    }

    /**
     * Sets the key by which a repeated start is recognised among the sagas of this name.
     *
     * @throws IllegalArgumentException if {@code key} is blank or longer than 255 characters
     */
    public NewSaga idempotencyKey(String key) {
        return new NewSaga(id, name, steps, context, Optional.of(Require.name("NewSaga.idempotencyKey", key)), events);
    }

    /** Adds an event that is emitted if, and only if, this call starts the saga. */
    public NewSaga emit(OutboxEvent event) {
        List<OutboxEvent> more = new ArrayList<>(events);
        more.add(Require.present("NewSaga.event", event));
        return new NewSaga(id, name, steps, context, idempotencyKey, List.copyOf(more));
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

    /** Identifier and name; never the context. */
    @Override
    public String toString() {
        return "NewSaga[" + id + ", name=" + name + "]";
    }
}
