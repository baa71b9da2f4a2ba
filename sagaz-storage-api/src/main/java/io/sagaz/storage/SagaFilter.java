package io.sagaz.storage;

import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which sagas a read is about. Immutable: each method returns a changed copy.
 *
 * <p>A range of creation times is worth giving: it keeps the read on the partitions of that range.
 */
public final class SagaFilter {
    private static final SagaFilter ALL =
            new SagaFilter(Optional.empty(), Set.of(), Optional.empty(), Optional.empty(), Optional.empty());

    private final Optional<String> name;
    private final Set<SagaStatus> statuses;
    private final Optional<String> owner;
    private final Optional<Instant> createdFrom;
    private final Optional<Instant> createdBefore;

    private SagaFilter(
            Optional<String> name,
            Set<SagaStatus> statuses,
            Optional<String> owner,
            Optional<Instant> createdFrom,
            Optional<Instant> createdBefore) {
        this.name = name;
        this.statuses = statuses;
        this.owner = owner;
        this.createdFrom = createdFrom;
        this.createdBefore = createdBefore;
    }

    /** Every saga. */
    public static SagaFilter all() {
        return ALL;
    }

    /**
     * The sagas of this name.
     *
     * @throws IllegalArgumentException if {@code name} is blank or longer than 255 characters
     */
    public static SagaFilter named(String name) {
        return new SagaFilter(
                Optional.of(Require.name("SagaFilter.name", name)),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Only sagas of one of these statuses. */
    public SagaFilter status(SagaStatus first, SagaStatus... more) {
        Require.present("SagaFilter.status", first);
        Require.elements("SagaFilter.status", Arrays.asList(Require.present("SagaFilter.status", more)));
        return new SagaFilter(name, Set.copyOf(EnumSet.of(first, more)), owner, createdFrom, createdBefore);
    }

    /**
     * Only unfinished sagas on which this owner holds a {@link Lease} that has not run out, by the clock of the server that
     * answers.
     *
     * @throws IllegalArgumentException if {@code owner} is blank or longer than 255 characters
     */
    public SagaFilter owner(String owner) {
        return new SagaFilter(
                name, statuses, Optional.of(Require.name("SagaFilter.owner", owner)), createdFrom, createdBefore);
    }

    /** Only sagas created at this time or later. */
    public SagaFilter createdFrom(Instant from) {
        return new SagaFilter(
                name, statuses, owner, Optional.of(Require.present("SagaFilter.createdFrom", from)), createdBefore);
    }

    /** Only sagas created before this time. */
    public SagaFilter createdBefore(Instant before) {
        return new SagaFilter(
                name, statuses, owner, createdFrom, Optional.of(Require.present("SagaFilter.createdBefore", before)));
    }

    /** The name; empty means any. */
    public Optional<String> name() {
        return name;
    }

    /** The statuses; empty means any. */
    public Set<SagaStatus> statuses() {
        return statuses;
    }

    /** The owner of the lease; empty means any, or none. */
    public Optional<String> owner() {
        return owner;
    }

    /** The earliest creation time. */
    public Optional<Instant> createdFrom() {
        return createdFrom;
    }

    /** The time before which the sagas were created. */
    public Optional<Instant> createdBefore() {
        return createdBefore;
    }
}
