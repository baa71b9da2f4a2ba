package io.sagaz.outbox;

import io.micrometer.core.instrument.Tags;
import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayMember.Acknowledgement;
import io.sagaz.storage.log.Shares;
import io.sagaz.storage.log.Unpublished;
import io.sagaz.storage.log.VacuumHorizon;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a relay does, over and over: keep its shards, read batches and have them published, acknowledge those that are done, try
 * again what is parked. The one thread that asks the database; what the publisher answers comes to the {@link Dispatcher}, which
 * wakes it.
 */
final class RelayLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayLoop.class);
    private static final long PAUSE_AFTER_FAILURE = TimeUnit.SECONDS.toNanos(1);
    /** After a batch that was not full, so that few events at a time do not make many batches. */
    private static final long BREATH = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long FIRST_IDLE = TimeUnit.MILLISECONDS.toNanos(10);

    private static final int KEEPINGS_FOR_A_DEPTH = 3;
    private static final int PARKED_KEYS = 64;
    private static final int PARKED_EVENTS_EACH = 50;

    private final RelaySettings settings;
    private final OutboxLog log;
    private final Dispatcher dispatcher;
    private final RelayMeters meters;
    private final RelayMember member;

    private final ArrayDeque<BatchUnderWay> underWay = new ArrayDeque<>();
    private final AtomicInteger eventsUnderWay = new AtomicInteger();
    private @Nullable ParkedRound round;
    private boolean registered;
    /** Shards to give back as soon as nothing is under way. */
    private int surplus;

    private long keptAtNanos;
    private boolean kept;
    /** Nothing is read before, whoever calls. */
    private long restUntilNanos = System.nanoTime();
    /** Nothing is read before, unless somebody calls. */
    private long idleUntilNanos = System.nanoTime();

    private long idleNanos;
    private volatile boolean woken;
    private volatile int shards;
    private volatile @Nullable OutboxDepth depth;
    private volatile @Nullable VacuumHorizon horizon;
    private int untilDepth;
    private volatile boolean stopping;

    RelayLoop(RelaySettings settings, OutboxLog log, EventPublisher publisher, RelayMeters meters) {
        this.settings = settings;
        this.log = log;
        this.meters = meters;
        dispatcher =
                new Dispatcher(publisher, settings.publishTimeout(), meters, settings.crashPoints(), System::nanoTime);
        member = log.join(settings.relay(), settings.instance(), settings.lease(), settings.source());
        meters.gauge(
                RelayMeterNames.DEPTH, "Events that are not published", this, loop -> told(OutboxDepth::unpublished));
        meters.gauge(
                RelayMeterNames.OLDEST_AGE,
                "Seconds since the oldest event was made that is not published",
                this,
                loop -> told(depth -> depth.oldestAge().orElse(Duration.ZERO).toMillis() / 1e3));
        meters.gauge(RelayMeterNames.PARKED_NOW, "Events that are parked", this, loop -> told(OutboxDepth::parked));
        meters.gauge(RelayMeterNames.DEAD_NOW, "Dead letters", this, loop -> told(OutboxDepth::deadLetters));
        meters.gauge(RelayMeterNames.SHARDS, "Shards of this instance", this, loop -> loop.shards);
        meters.gauge(
                RelayMeterNames.UNDER_WAY,
                "Events that are read and not acknowledged",
                eventsUnderWay,
                AtomicInteger::get);
        meters.gauge(
                RelayMeterNames.BROKER_DOWN,
                "Whether the broker cannot be reached",
                dispatcher,
                d -> d.isBrokerDown() ? 1 : 0);
        for (VacuumHorizon.Kind kind : VacuumHorizon.Kind.values()) {
            gaugeHorizon(kind);
        }
    }

    private void gaugeHorizon(VacuumHorizon.Kind kind) {
        meters.gauge(
                RelayMeterNames.VACUUM_HORIZON,
                Tags.of("kind", kind.name().toLowerCase(Locale.ROOT)),
                "Transactions that somebody looks back who keeps dead rows from being removed",
                this,
                loop -> loop.held(kind));
    }

    private double held(VacuumHorizon.Kind kind) {
        VacuumHorizon known = horizon;
        OptionalLong transactions = known == null ? OptionalLong.empty() : known.transactions(kind);
        return transactions.isPresent() ? transactions.getAsLong() : Double.NaN;
    }

    /** What is not known is no number. */
    private double told(ToDoubleFunction<OutboxDepth> figure) {
        OutboxDepth known = depth;
        return known == null ? Double.NaN : figure.applyAsDouble(known);
    }

    /** There may be new events. */
    void wakeUp() {
        woken = true;
        dispatcher.signal();
    }

    int shards() {
        return shards;
    }

    /** Has it end when what is under way is done, or the time for that is over. */
    void stop() {
        stopping = true;
        dispatcher.signal();
    }

    @Override
    public void run() {
        OutboxLog.Listening listening = log.onAppend(this::wakeUp);
        try {
            while (!stopping) {
                turn();
            }
            drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listening.close();
        }
    }

    private void turn() throws InterruptedException {
        try {
            Throwable failure = dispatcher.takeFailure();
            if (failure != null) {
                beginAnewAfter(failure);
            } else if (!work()) {
                dispatcher.await(pause());
            }
        } catch (StoreException e) {
            LOG.warn("Relay {} goes on in a moment: {}", settings.relay(), e.getMessage());
            LOG.debug("The reason", e);
            dispatcher.await(PAUSE_AFTER_FAILURE);
        } catch (RuntimeException | Error e) {
            beginAnewAfter(e);
        }
    }

    /** Of a publisher's answer or of our own: what it left half done is not to be relied on, and a relay that ends is missed by none. */
    private void beginAnewAfter(Throwable failure) throws InterruptedException {
        LOG.error("Relay {} begins anew after a failure that nobody has foreseen", settings.relay(), failure);
        forgetWhatIsUnderWay();
        round = null;
        // Some of them count as being tried, by nobody any more; the database knows them all.
        dispatcher.withParkedKeys(keys -> {
            keys.clear();
            return true;
        });
        try {
            member.leave();
        } catch (StoreException e) {
            LOG.debug("The shards of relay {} could not be given back", settings.relay(), e);
        }
        dispatcher.await(PAUSE_AFTER_FAILURE);
    }

    /** Does what can be done now; false if there is nothing left to do at once. */
    private boolean work() {
        keepShards();
        dispatcher.tend();
        acknowledge();
        tryParked();
        return read();
    }

    private long pause() {
        long now = System.nanoTime();
        long untilKeep = keptAtNanos + settings.lease().toNanos() / 3 - now;
        long untilRead = mayRead() ? Math.max(restUntilNanos - now, woken ? 0 : idleUntilNanos - now) : Long.MAX_VALUE;
        return Math.max(0, Math.min(Math.min(untilKeep, untilRead), dispatcher.nanosUntilTending()));
    }

    private void keepShards() {
        long now = System.nanoTime();
        boolean giveBack = surplus > 0 && underWay.isEmpty() && round == null;
        if (kept && !giveBack && now - keptAtNanos < settings.lease().toNanos() / 3) {
            return;
        }
        if (!registered) {
            if (log.register(settings.relay(), settings.start())) {
                LOG.info("Relay {} is new: it begins with {}", settings.relay(), settings.start());
            }
            registered = true;
        }
        Shares shares = member.keep(giveBack ? surplus : 0);
        keptAtNanos = now;
        kept = true;
        dispatcher.mayDeliverUntil(now + settings.lease().toNanos());
        surplus = shares.surplus();
        if (shares.taken() > 0 || shares.shards() != shards) {
            LOG.info(
                    "Relay {} at {} has {} of {} shards, {} of them new; {} share the work",
                    settings.relay(),
                    settings.instance(),
                    shares.shards(),
                    OutboxLog.SHARDS,
                    shares.taken(),
                    shares.members());
            idleUntilNanos = now;
        }
        if (shares.restarted() > 0) {
            LOG.warn(
                    "Relay {}: {} shards come from another database cluster, whose transactions had other numbers. What follows"
                            + " the last number that all events are known to be published up to is published, some of it again",
                    settings.relay(),
                    shares.restarted());
        }
        shards = shares.shards();
        measure();
        List<ParkedKey> parked = member.parkedKeys();
        dispatcher.withParkedKeys(keys -> {
            keys.learn(parked, System.nanoTime());
            return keys.size();
        });
    }

    /** Looks at what the gauges show, every third time. That something of it cannot be told is no reason to stop. */
    private void measure() {
        if (untilDepth-- > 0) {
            return;
        }
        untilDepth = KEEPINGS_FOR_A_DEPTH - 1;
        depth = orUnknown(
                "how far behind it is", () -> log.depth(settings.relay()).orElse(null));
        horizon = orUnknown("who holds vacuum back", log::vacuumHorizon);
    }

    private <T> @Nullable T orUnknown(String what, Supplier<@Nullable T> question) {
        try {
            return question.get();
        } catch (StoreException e) {
            LOG.debug("Relay {} cannot be told {}", settings.relay(), what, e);
            return null;
        }
    }

    private boolean mayRead() {
        return kept
                && surplus == 0
                && !stopping
                && !dispatcher.isBrokerDown()
                && settings.batchEvents() - eventsUnderWay.get() >= Math.max(1, settings.batchEvents() / 2);
    }

    /** Reads a batch, if there is room for one; false if none is to be read at once. */
    private boolean read() {
        if (!mayRead()) {
            return false;
        }
        long now = System.nanoTime();
        if (now - restUntilNanos < 0 || (!woken && now - idleUntilNanos < 0)) {
            return false;
        }
        woken = false;
        int most = Math.max(1, settings.batchEvents() / 2);
        Optional<OutboxBatch> next = member.next(most, settings.batchBytes());
        if (next.isEmpty()) {
            idleNanos = Math.min(settings.pollInterval().toNanos(), Math.max(FIRST_IDLE, 2 * idleNanos));
            idleUntilNanos = System.nanoTime() + idleNanos;
            return false;
        }
        idleNanos = 0;
        BatchUnderWay batch = dispatcher.withParkedKeys(
                keys -> new BatchUnderWay(next.get(), settings.retries(), keys, meters, System::nanoTime));
        meters.batch(batch.size());
        underWay.add(batch);
        eventsUnderWay.addAndGet(batch.size());
        dispatcher.submit(batch.deliveries());
        if (batch.size() < most / 2) {
            restUntilNanos =
                    System.nanoTime() + Math.min(BREATH, settings.pollInterval().toNanos());
        }
        return true;
    }

    private void acknowledge() {
        while (!underWay.isEmpty()) {
            BatchUnderWay first = underWay.peek();
            if (!dispatcher.withParkedKeys(keys -> first.isDone())) {
                return;
            }
            List<Unpublished> unpublished = first.unpublished();
            settings.crashPoints().reached(CrashPoints.Point.BEFORE_CURSOR);
            Acknowledgement answer = member.acknowledge(first.batch(), unpublished);
            settings.crashPoints().reached(CrashPoints.Point.AFTER_CURSOR);
            if (answer != Acknowledgement.NOTED) {
                beginAnew(answer);
                return;
            }
            underWay.remove();
            eventsUnderWay.addAndGet(-first.size());
            dispatcher.withParkedKeys(keys -> {
                unpublished.forEach(each -> keys.arrived(each.event().orderingKey()));
                return true;
            });
        }
    }

    private void beginAnew(Acknowledgement why) {
        LOG.warn(
                "Relay {} at {} came too late with a batch ({}); it begins anew where its shards are now",
                settings.relay(),
                settings.instance(),
                why);
        meters.rejected();
        forgetWhatIsUnderWay();
    }

    /** The next thing is to ask which shards are its own, and where they are. */
    private void forgetWhatIsUnderWay() {
        dispatcher.cancel();
        underWay.clear();
        eventsUnderWay.set(0);
        kept = false;
    }

    private void tryParked() {
        ParkedRound running = round;
        if (running != null) {
            boolean done = dispatcher.withParkedKeys(keys -> running.isDone());
            if (!done) {
                return;
            }
            member.settle(running.settlements());
            round = null;
            dispatcher.withParkedKeys(keys -> {
                running.tell(keys, System.nanoTime());
                return true;
            });
        }
        if (stopping || surplus > 0 || dispatcher.isBrokerDown()) {
            return;
        }
        List<ParkedKey> due = dispatcher.withParkedKeys(keys -> keys.takeDue(System.nanoTime(), PARKED_KEYS));
        if (!due.isEmpty()) {
            begin(due);
        }
    }

    private void begin(List<ParkedKey> due) {
        ParkedRound next;
        try {
            next = new ParkedRound(
                    due, member.parked(due, PARKED_EVENTS_EACH), PARKED_EVENTS_EACH, settings.retries(), meters);
        } catch (StoreException e) {
            dispatcher.withParkedKeys(keys -> {
                due.forEach(key -> keys.retry(key.orderingKey(), System.nanoTime() + PAUSE_AFTER_FAILURE));
                return true;
            });
            throw e;
        }
        round = next;
        dispatcher.submit(dispatcher.withParkedKeys(keys -> next.begin()));
    }

    /** Waits for what is under way, and gives everything back. */
    private void drain() throws InterruptedException {
        long deadline = System.nanoTime() + settings.drainTimeout().toNanos();
        try {
            while (!(underWay.isEmpty() && round == null) && deadline - System.nanoTime() > 0) {
                keepShards();
                dispatcher.tend();
                acknowledge();
                tryParked();
                if (!(underWay.isEmpty() && round == null)) {
                    dispatcher.await(
                            Math.min(TimeUnit.MILLISECONDS.toNanos(100), Math.max(0, deadline - System.nanoTime())));
                }
            }
            if (!underWay.isEmpty()) {
                LOG.warn(
                        "Relay {} at {} stops with {} events under way; whoever takes over publishes them again",
                        settings.relay(),
                        settings.instance(),
                        eventsUnderWay.get());
            }
            member.leave();
        } catch (StoreException e) {
            LOG.warn(
                    "Relay {} at {} could not give its shards back; others take them after {}: {}",
                    settings.relay(),
                    settings.instance(),
                    settings.lease(),
                    e.getMessage());
        }
        dispatcher.cancel();
    }
}
