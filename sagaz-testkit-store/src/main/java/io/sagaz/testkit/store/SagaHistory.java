package io.sagaz.testkit.store;

import io.sagaz.storage.SagaStatus;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Fills a database with finished sagas over many months, with their steps, audit entries and events: as if services had run them
 * through the store, only in a fraction of the time. For tests of dashboards, of retention, of anything that depends on what has
 * piled up.
 *
 * <pre>{@code
 * SagaHistory.Made made = SagaHistory.of(1_000_000)
 *         .months(12)
 *         .names("order", "refund")
 *         .share(SagaStatus.FAILED, 0.02)
 *         .writeTo(database);
 * }</pre>
 *
 * <p>Sagas begin evenly over the time and take from 50 ms to a minute, few of them long. One that has FAILED or is COMPENSATED
 * has a step that failed; those before it are done, or undone, and those behind it were not begun. Each has the audit entries of
 * its versions, and two events, if the outbox would still keep them ({@code retention} in {@code partition_settings}): for
 * relays they are new. None has an idempotency key.
 *
 * <p>The database makes the rows itself; its triggers and constraints check them. Missing partitions are made first. Immutable:
 * each method returns a changed copy. Everything but the numbers of events follows from the settings and the {@link #seed}.
 */
public final class SagaHistory {
    private static final int MOST_SAGAS = 100_000_000;
    private static final int MOST_MONTHS = 120;
    /** No saga takes longer. */
    private static final Duration LONGEST = Duration.ofMillis(60_050);

    private final int sagas;
    private final int months;
    private final Instant until;
    private final List<String> names;
    private final List<String> steps;
    private final Map<SagaStatus, Double> shares;
    private final long seed;

    private SagaHistory(
            int sagas,
            int months,
            Instant until,
            List<String> names,
            List<String> steps,
            Map<SagaStatus, Double> shares,
            long seed) {
        this.sagas = sagas;
        this.months = months;
        this.until = until;
        this.names = names;
        this.steps = steps;
        this.shares = shares;
        this.seed = seed;
    }

    /**
     * What was written.
     *
     * @param sagas how many of each status; a status without any is not there
     * @param steps how many steps
     * @param auditEntries how many entries of the audit log
     * @param events how many events
     * @param from none began earlier
     * @param until none was finished later
     * @param seed what makes the same again
     * @param took how long it took
     */
    public record Made(
            Map<SagaStatus, Long> sagas,
            long steps,
            long auditEntries,
            long events,
            Instant from,
            Instant until,
            long seed,
            Duration took) {
        /** Copies the map. */
        public Made {
            sagas = Map.copyOf(sagas);
        }
    }

    /**
     * A history of twelve months until now, of one kind of saga ({@code order}, with the steps {@code charge} and {@code
     * ship}), 2 % of which FAILED and 1 % are COMPENSATED.
     *
     * @param sagas how many, 1 to 100 million
     * @throws IllegalArgumentException if it is out of bounds
     */
    public static SagaHistory of(int sagas) {
        require("sagas", sagas, MOST_SAGAS);
        return new SagaHistory(
                sagas,
                12,
                Clock.systemUTC().instant(),
                List.of("order"),
                List.of("charge", "ship"),
                Map.of(SagaStatus.FAILED, 0.02, SagaStatus.COMPENSATED, 0.01),
                1);
    }

    /**
     * Sets how long it is.
     *
     * @param months 1 to 120
     * @throws IllegalArgumentException if it is out of bounds
     */
    public SagaHistory months(int months) {
        require("months", months, MOST_MONTHS);
        return new SagaHistory(sagas, months, until, names, steps, shares, seed);
    }

    /** Sets when it ends: {@code clock.instant()} of a test's clock, for example. */
    public SagaHistory until(Instant until) {
        return new SagaHistory(sagas, months, Objects.requireNonNull(until, "until"), names, steps, shares, seed);
    }

    /**
     * Sets the names of its kinds of sagas, of which there are equally many.
     *
     * @throws IllegalArgumentException if there is none, or one is blank
     */
    public SagaHistory names(String... names) {
        return new SagaHistory(sagas, months, until, requireNames("names", names), steps, shares, seed);
    }

    /**
     * Sets the names of the steps of each saga.
     *
     * @throws IllegalArgumentException if there is none, or one is blank
     */
    public SagaHistory steps(String... steps) {
        return new SagaHistory(sagas, months, until, names, requireNames("steps", steps), shares, seed);
    }

    /**
     * Sets how many come to an end other than SUCCESS, to which the rest comes.
     *
     * @param status FAILED or COMPENSATED
     * @param share 0 to 1, as a part of all sagas; the number is rounded
     * @throws IllegalArgumentException if it is another status, or all shares together are more than 1
     */
    public SagaHistory share(SagaStatus status, double share) {
        if (status != SagaStatus.FAILED && status != SagaStatus.COMPENSATED) {
            throw new IllegalArgumentException(
                    "SagaHistory.share is of FAILED or COMPENSATED, but was given " + status + ": the rest is SUCCESS");
        }
        Map<SagaStatus, Double> changed = new EnumMap<>(shares);
        changed.put(status, share);
        double sum = changed.values().stream().mapToDouble(Double::doubleValue).sum();
        if (!(share >= 0 && sum <= 1)) {
            throw new IllegalArgumentException(
                    "SagaHistory.share must be from 0 to 1, as all shares together, but they are " + changed);
        }
        return new SagaHistory(sagas, months, until, names, steps, Map.copyOf(changed), seed);
    }

    /** Sets where its chance begins: 1 unless it is set. */
    public SagaHistory seed(long seed) {
        return new SagaHistory(sagas, months, until, names, steps, shares, seed);
    }

    /**
     * Writes it into the schema {@code public} of a database, which has that of Sagaz already.
     *
     * @throws SQLException as the database says; what was committed until then stays
     */
    public Made writeTo(TestDatabase database) throws SQLException {
        return writeTo(database.primaryUrl(), database.owner(), "public");
    }

    /**
     * Writes it. Several connections commit many transactions, not durably ({@code synchronous_commit = off}); the statistics of
     * the planner are renewed at the end.
     *
     * @param url a JDBC URL of the primary
     * @param owner the owner of the schema
     * @param schema where the tables of Sagaz are
     * @throws SQLException as the database says; what was committed until then stays
     */
    public Made writeTo(String url, Credentials owner, String schema) throws SQLException {
        long begin = System.nanoTime();
        long events = new HistoryWriter(this, url, owner, schema).write();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        return new Made(
                counts(),
                (long) sagas * steps.size(),
                3L * sagas + count(SagaStatus.COMPENSATED),
                events,
                from(),
                until,
                seed,
                took);
    }

    private Map<SagaStatus, Long> counts() {
        Map<SagaStatus, Long> counts = new EnumMap<>(SagaStatus.class);
        counts.put(SagaStatus.FAILED, count(SagaStatus.FAILED));
        counts.put(SagaStatus.COMPENSATED, count(SagaStatus.COMPENSATED));
        counts.put(SagaStatus.SUCCESS, sagas - count(SagaStatus.FAILED) - count(SagaStatus.COMPENSATED));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    int sagas() {
        return sagas;
    }

    long count(SagaStatus status) {
        double share = shares.getOrDefault(status, 0.0);
        // Both rounded up could be one more than all.
        return status == SagaStatus.FAILED
                ? Math.round(share * sagas)
                : Math.min(Math.round(share * sagas), sagas - count(SagaStatus.FAILED));
    }

    /** When the first may begin. */
    Instant from() {
        return until.atOffset(ZoneOffset.UTC).minusMonths(months).toInstant();
    }

    /** Before when the last one begins. */
    Instant lastStart() {
        return until.minus(LONGEST);
    }

    Instant until() {
        return until;
    }

    List<String> sagaNames() {
        return names;
    }

    List<String> stepNames() {
        return steps;
    }

    long seed() {
        return seed;
    }

    private static void require(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    "SagaHistory." + what + " must be from 1 to " + most + " but is " + value);
        }
    }

    private static List<String> requireNames(String what, String... names) {
        List<String> list = List.of(names);
        if (list.isEmpty() || list.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    "SagaHistory." + what + " must be one name at least, none of them blank, but are " + list);
        }
        return list;
    }
}
