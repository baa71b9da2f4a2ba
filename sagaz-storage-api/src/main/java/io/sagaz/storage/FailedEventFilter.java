package io.sagaz.storage;

import java.time.Instant;
import java.util.Optional;

/**
 * Which of the events that a relay could not publish: its dead letters, or what it is to try again. Immutable: each method
 * returns a changed copy. An event must match all that was set.
 *
 * <pre>{@code
 * FailedEventFilter.all().topic("orders").errorContains("timeout")
 * }</pre>
 */
public final class FailedEventFilter {
    private static final FailedEventFilter ALL = new FailedEventFilter(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private final Optional<String> topic;
    private final Optional<String> type;
    private final Optional<Instant> failedFrom;
    private final Optional<Instant> failedBefore;
    private final Optional<String> errorContains;

    private FailedEventFilter(
            Optional<String> topic,
            Optional<String> type,
            Optional<Instant> failedFrom,
            Optional<Instant> failedBefore,
            Optional<String> errorContains) {
        this.topic = topic;
        this.type = type;
        this.failedFrom = failedFrom;
        this.failedBefore = failedBefore;
        this.errorContains = errorContains;
    }

    /** All of them. */
    public static FailedEventFilter all() {
        return ALL;
    }

    /**
     * Only events for this topic.
     *
     * @throws IllegalArgumentException if {@code topic} is blank or longer than 255 characters
     */
    public FailedEventFilter topic(String topic) {
        return new FailedEventFilter(
                Optional.of(Require.name("FailedEventFilter.topic", topic)),
                type,
                failedFrom,
                failedBefore,
                errorContains);
    }

    /**
     * Only events of this type.
     *
     * @throws IllegalArgumentException if {@code type} is blank or longer than 255 characters
     */
    public FailedEventFilter type(String type) {
        return new FailedEventFilter(
                topic,
                Optional.of(Require.name("FailedEventFilter.type", type)),
                failedFrom,
                failedBefore,
                errorContains);
    }

    /** Only events that were given up, or parked, at this time or later. */
    public FailedEventFilter failedFrom(Instant from) {
        return new FailedEventFilter(
                topic,
                type,
                Optional.of(Require.present("FailedEventFilter.failedFrom", from)),
                failedBefore,
                errorContains);
    }

    /** Only events that were given up, or parked, before this time. */
    public FailedEventFilter failedBefore(Instant before) {
        return new FailedEventFilter(
                topic,
                type,
                failedFrom,
                Optional.of(Require.present("FailedEventFilter.failedBefore", before)),
                errorContains);
    }

    /**
     * Only events whose last attempt failed with an error that contains this text, letter by letter.
     *
     * @throws IllegalArgumentException if {@code text} is null or blank
     */
    public FailedEventFilter errorContains(String text) {
        return new FailedEventFilter(
                topic,
                type,
                failedFrom,
                failedBefore,
                Optional.of(Require.name("FailedEventFilter.errorContains", text)));
    }

    /** The topic; empty means any. */
    public Optional<String> topic() {
        return topic;
    }

    /** The type; empty means any, or none. */
    public Optional<String> type() {
        return type;
    }

    /** The earliest time. */
    public Optional<Instant> failedFrom() {
        return failedFrom;
    }

    /** The time before which they failed. */
    public Optional<Instant> failedBefore() {
        return failedBefore;
    }

    /** What the error contains; empty means anything, or nothing. */
    public Optional<String> errorContains() {
        return errorContains;
    }

    /** What was set. */
    @Override
    public String toString() {
        return "FailedEventFilter[topic=" + topic.orElse("-") + ", type=" + type.orElse("-") + ", failedFrom="
                + failedFrom.map(Instant::toString).orElse("-") + ", failedBefore="
                + failedBefore.map(Instant::toString).orElse("-") + ", errorContains=" + errorContains.orElse("-")
                + "]";
    }
}
