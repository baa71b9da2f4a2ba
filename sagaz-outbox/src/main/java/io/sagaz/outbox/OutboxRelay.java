package io.sagaz.outbox;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayStart;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the events of the outbox: each at least once, those of one key in their order, while it runs anywhere.
 *
 * <p>Relays are told apart by name; each publishes every event on its own, for a broker of its own for example. Instances of one
 * relay, in as many processes as there are, share the work: each has some of the 64 shards that the keys are spread over, and when
 * one is gone the others take its shards after its lease.
 *
 * <p>An event that the broker refuses is parked, with those of its key that follow, and tried again as its {@link RetryPolicy}
 * says; after the last attempt it becomes a dead letter, and those behind it go on. A broker that is down ({@link
 * BrokerUnavailableException}) costs no attempts: everything waits until it is back.
 *
 * <p>Safe for threads. Has one thread of its own, which asks the database; {@link EventPublisher#publish} is called from that one
 * and from those in which the publisher answers. No transaction is open meanwhile.
 *
 * <pre>{@code
 * OutboxRelay relay = OutboxRelay.builder(store.outboxLog())
 *         .publisher(publisher)
 *         .build();
 * relay.start();
 * }</pre>
 */
public final class OutboxRelay implements AutoCloseable {
    private enum State {
        NEW,
        RUNNING,
        CLOSED
    }

    private final RelayMeters meters;
    private final RelayLoop loop;
    private final Thread thread;
    private final Duration patience;
    private State state = State.NEW;

    private OutboxRelay(OutboxLog log, EventPublisher publisher, RelaySettings settings, MeterRegistry registry) {
        meters = new RelayMeters(registry, settings.relay());
        loop = new RelayLoop(settings, log, publisher, meters);
        thread = new Thread(loop, "sagaz-relay-" + settings.relay());
        patience = settings.drainTimeout().plusSeconds(30);
    }

    /** Begins to describe a relay of this log. */
    public static Builder builder(OutboxLog log) {
        return new Builder(log);
    }

    /**
     * Starts it, and returns at once. If the database cannot be reached it goes on trying.
     *
     * @return this
     * @throws IllegalStateException if it was started before
     */
    public synchronized OutboxRelay start() {
        if (state != State.NEW) {
            throw new IllegalStateException("The relay was started before; build another one");
        }
        state = State.RUNNING;
        thread.start();
        return this;
    }

    /** Has it look for events at once, for example after a commit that the store did not make. Never blocks. */
    public void wakeUp() {
        loop.wakeUp();
    }

    /** How many of the 64 shards this instance has now. */
    public int shards() {
        return loop.shards();
    }

    /**
     * Reads no more, waits for what is under way to be acknowledged as long as {@link Builder#drainTimeout} says, and gives its
     * shards back, which others take at once. May be called twice. Does not close the publisher.
     */
    @Override
    public void close() {
        synchronized (this) {
            boolean running = state == State.RUNNING;
            state = State.CLOSED;
            if (!running) {
                meters.close();
                return;
            }
        }
        loop.stop();
        try {
            thread.join(patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            thread.interrupt();
        }
        meters.close();
    }

    /** Describes a relay. For one thread; each setting may be given once. */
    public static final class Builder {
        private static final Duration SHORTEST = Duration.ofMillis(1);
        private static final Duration HOUR = Duration.ofHours(1);

        private final OutboxLog log;
        private @Nullable EventPublisher publisher;
        private @Nullable String name;
        private @Nullable String instance;
        private @Nullable RelayStart startAt;
        private @Nullable EventSource source;
        private @Nullable Duration lease;
        private @Nullable Integer batchEvents;
        private @Nullable Long batchBytes;
        private @Nullable Duration pollInterval;
        private @Nullable Duration publishTimeout;
        private @Nullable Duration drainTimeout;
        private @Nullable RetryPolicy retries;
        private @Nullable CrashPoints crashPoints;
        private @Nullable MeterRegistry registry;

        private Builder(OutboxLog log) {
            if (log == null) {
                throw new IllegalArgumentException("OutboxRelay.log must not be null");
            }
            this.log = log;
        }

        /** Sets what brings events to the broker. Required. */
        public Builder publisher(EventPublisher publisher) {
            this.publisher = once("publisher", this.publisher, publisher);
            return this;
        }

        /** Sets the name, which all instances share. Without it: {@code default}. */
        public Builder name(String name) {
            this.name = once("name", this.name, name);
            return this;
        }

        /** Sets what people call this instance. Without it: process and host. */
        public Builder instance(String name) {
            instance = once("instance", instance, name);
            return this;
        }

        /** Sets with which event a relay begins that was never there before. Without it: the oldest. */
        public Builder startAt(RelayStart start) {
            startAt = once("startAt", startAt, start);
            return this;
        }

        /** Sets where events are read. Without it: on the primary. */
        public Builder source(EventSource where) {
            source = once("source", source, where);
            return this;
        }

        /**
         * Sets after what time without a sign of life others take the shards of this instance over. It gives one every third of
         * that. Without it: 15 seconds.
         *
         * @throws IllegalArgumentException unless 1 second to 1 hour
         */
        public Builder lease(Duration time) {
            lease = between("lease", once("lease", lease, time), Duration.ofSeconds(1), HOUR);
            return this;
        }

        /**
         * Sets how many events are read and not acknowledged at most: so many may be published twice when an instance dies.
         * Without it: 2000.
         *
         * @throws IllegalArgumentException unless 1 to 100,000
         */
        public Builder batchEvents(int events) {
            int given = once("batchEvents", batchEvents, events);
            if (given < 1 || given > 100_000) {
                throw new IllegalArgumentException("OutboxRelay.batchEvents must be 1 to 100000 but is " + given);
            }
            batchEvents = given;
            return this;
        }

        /**
         * Sets how large the payloads of a batch are about, as they are stored; one event is read however large it is. Without it:
         * 8 MiB.
         *
         * @throws IllegalArgumentException unless 1 to 1 GiB
         */
        public Builder batchBytes(long bytes) {
            long given = once("batchBytes", batchBytes, bytes);
            if (given < 1 || given > 1L << 30) {
                throw new IllegalArgumentException(
                        "OutboxRelay.batchBytes must be 1 to " + (1L << 30) + " but is " + given);
            }
            batchBytes = given;
            return this;
        }

        /**
         * Sets how long it waits at most before it looks for events that nobody told it of. It begins with 10 milliseconds and
         * waits twice as long each time that there is nothing. Without it: 200 milliseconds.
         *
         * @throws IllegalArgumentException unless 1 millisecond to 1 hour
         */
        public Builder pollInterval(Duration longest) {
            pollInterval = between("pollInterval", once("pollInterval", pollInterval, longest), SHORTEST, HOUR);
            return this;
        }

        /**
         * Sets how long the publisher may take for an event; one that takes longer is taken for a broker that is down, and tried
         * again. Without it: 30 seconds.
         *
         * @throws IllegalArgumentException unless 1 millisecond to 1 hour
         */
        public Builder publishTimeout(Duration time) {
            publishTimeout = between("publishTimeout", once("publishTimeout", publishTimeout, time), SHORTEST, HOUR);
            return this;
        }

        /**
         * Sets how long {@link OutboxRelay#close} waits for events that are under way. Without it: 10 seconds.
         *
         * @throws IllegalArgumentException unless 1 millisecond to 1 hour
         */
        public Builder drainTimeout(Duration time) {
            drainTimeout = between("drainTimeout", once("drainTimeout", drainTimeout, time), SHORTEST, HOUR);
            return this;
        }

        /** Sets how often and when a refused event is tried again. Without it: {@link RetryPolicy#DEFAULT}. */
        public Builder retries(RetryPolicy policy) {
            retries = once("retries", retries, policy);
            return this;
        }

        /** Sets where the {@linkplain RelayMeterNames meters} go. Without it they go nowhere. */
        public Builder meterRegistry(MeterRegistry registry) {
            this.registry = once("meterRegistry", this.registry, registry);
            return this;
        }

        /**
         * Sets who is told when the relay comes to a boundary at which a test wants to bring something down. Without it, as in
         * production: nobody.
         */
        public Builder crashPoints(CrashPoints points) {
            crashPoints = once("crashPoints", crashPoints, points);
            return this;
        }

        /**
         * A relay that is not started yet. Asks nobody.
         *
         * @throws IllegalStateException if there is no publisher
         */
        public OutboxRelay build() {
            EventPublisher required = publisher;
            if (required == null) {
                throw new IllegalStateException(
                        "OutboxRelay.publisher is not set: call publisher(…) with what brings events to your broker");
            }
            RelaySettings settings = new RelaySettings(
                    or(name, "default"),
                    or(instance, ManagementFactory.getRuntimeMXBean().getName()),
                    or(startAt, RelayStart.beginning()),
                    or(source, EventSource.PRIMARY),
                    or(lease, Duration.ofSeconds(15)),
                    or(batchEvents, 2_000),
                    or(batchBytes, 8L << 20),
                    or(pollInterval, Duration.ofMillis(200)),
                    or(publishTimeout, Duration.ofSeconds(30)),
                    or(drainTimeout, Duration.ofSeconds(10)),
                    or(retries, RetryPolicy.DEFAULT),
                    or(crashPoints, CrashPoints.NONE));
            return new OutboxRelay(log, required, settings, registry == null ? new SimpleMeterRegistry() : registry);
        }

        private static <T> T or(@Nullable T given, T otherwise) {
            return given == null ? otherwise : given;
        }

        private static Duration between(String setting, Duration given, Duration least, Duration most) {
            if (given.compareTo(least) < 0 || given.compareTo(most) > 0) {
                throw new IllegalArgumentException(
                        "OutboxRelay." + setting + " must be " + least + " to " + most + " but is " + given);
            }
            return given;
        }

        private static <T> T once(String setting, @Nullable T old, @Nullable T value) {
            if (value == null) {
                throw new IllegalArgumentException("OutboxRelay." + setting + " must not be null");
            }
            if (old != null) {
                throw new IllegalStateException("OutboxRelay." + setting + " was set before, to " + old);
            }
            return value;
        }
    }
}
