package io.sagaz.migrations;

import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.internal.jdbc.Connector;
import io.sagaz.migrations.internal.jdbc.Deadline;
import io.sagaz.migrations.internal.jdbc.Gate;
import io.sagaz.migrations.internal.jdbc.SqlStates;
import io.sagaz.migrations.internal.partition.ConcurrentRetirement;
import io.sagaz.migrations.internal.partition.DryRun;
import io.sagaz.migrations.internal.partition.Forgetting;
import io.sagaz.migrations.internal.partition.OldOnes;
import io.sagaz.migrations.internal.partition.PartitionCatalog;
import io.sagaz.migrations.internal.partition.PartitionFacts;
import io.sagaz.migrations.internal.partition.PartitionMaker;
import io.sagaz.migrations.internal.partition.PartitionPlanner;
import io.sagaz.migrations.internal.partition.PlainRetirement;
import io.sagaz.migrations.internal.partition.Slot;
import io.sagaz.migrations.internal.partition.Slots;
import io.sagaz.migrations.internal.schema.SchemaHistory;
import io.sagaz.migrations.internal.schema.Scripts;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the partitions of Sagaz: makes those ahead, and takes away those that are older than they must be kept and that
 * nothing needs any more.
 *
 * <pre>{@code
 * PartitionMaintenance maintenance = PartitionMaintenance.of(MigrationConfig.of(url, "sagaz_owner", password));
 * maintenance.dryRun().actions().forEach(System.out::println);
 * maintenance.run();
 * }</pre>
 *
 * <p>Any number of instances may do that at any time. Old partitions are the business of one at a time; another one makes
 * what is missing, and leaves the rest.
 *
 * <p><b>What is needed.</b> Sagas that are not finished, and steps and audit entries of sagas that are kept; events that a
 * relay has not published, that are parked or dead letters. That is asked before a partition is detached, when others may
 * still write to it, and again afterwards, when nobody can.
 *
 * <p><b>Nobody waits for it.</b> As the owner of the tables on a connection to the server itself, it detaches
 * concurrently: it waits for the transactions that use the table, and nobody waits for it. Through a pooler, or as another
 * role that may write, it takes the whole table for a moment, and gives up after 50 ms. What could not be done in time the
 * next maintenance goes on with.
 *
 * <p><b>Time</b> is that of the database's clock, in UTC. If the clock of this host differs from it by more than an hour,
 * nothing is taken away, for one of the two is wrong. Nor is anything for 12 hours after a run that finds that the last one
 * was more than 8 days ago: either nobody has maintained for long, or the clock of the database has jumped.
 *
 * <p>Thread-safe. Opens connections of its own, and holds nothing between calls.
 */
public final class PartitionMaintenance {
    private static final Logger log = LoggerFactory.getLogger(PartitionMaintenance.class);

    private static final Duration CLOCKS_APART = Duration.ofHours(1);

    /** The most partitions that {@link #create} makes at once. */
    private static final int MOST_AT_ONCE = 400;

    private final MigrationConfig config;
    private final Connector connector;
    private final PartitionCatalog catalog;
    private final Clock hostClock;
    private final Optional<UnaryOperator<Instant>> otherTime;

    private PartitionMaintenance(MigrationConfig config, Clock hostClock, Optional<UnaryOperator<Instant>> otherTime) {
        this.config = config;
        this.hostClock = hostClock;
        this.otherTime = otherTime;
        connector = new Connector(config);
        catalog = new PartitionCatalog(config.schema());
    }

    /**
     * For one schema. Does not connect yet.
     *
     * @param config which schema; its user owns the tables, or has the rights of a writer. {@link
     *     MigrationConfig#lockWait()} is how long one run tries again where others are in the way
     * @return what maintains it
     */
    public static PartitionMaintenance of(MigrationConfig config) {
        return new PartitionMaintenance(Objects.requireNonNull(config, "config"), Clock.systemUTC(), Optional.empty());
    }

    /** The same with another clock of this host. */
    PartitionMaintenance withHostClock(Clock other) {
        return new PartitionMaintenance(config, other, otherTime);
    }

    /** The same as if it were another time, which is made from that of the database. Only for the owner. */
    PartitionMaintenance atTime(UnaryOperator<Instant> other) {
        return new PartitionMaintenance(config, hostClock, Optional.of(other));
    }

    /**
     * Maintains. Blocks for milliseconds when there is nothing to do, and no longer than some seconds more than {@link
     * MigrationConfig#lockWait()} when others are in the way. Through a pooler, or as a writer, it goes on for as long as
     * partitions go one after the other. Trouble with one partition is an action of kind {@link
     * Kind#FAIL} and keeps no other from being dealt with.
     *
     * @return what it did
     * @throws SchemaOutOfDate when the schema is not one that this library can work with
     * @throws MigrationException when there is no connection, or it was lost
     */
    public MaintenanceReport run() {
        Deadline patience = Deadline.after(config.lockWait());
        return onConnection("maintain the partitions of", connection -> {
            List<PartitionAction> actions = new ArrayList<>();
            Consumer<PartitionAction> done = action -> {
                // The function of the schema makes partitions too, and speaks again of one that cannot be made.
                if (action.partition().isEmpty() || actions.stream().noneMatch(before -> isSame(before, action))) {
                    logged(action);
                    actions.add(action);
                }
            };
            PartitionFacts facts = facts(connection);
            makeMissing(connection, facts, done);
            Optional<PartitionAction> wrongClock = wrongClock(connection);
            if (wrongClock.isPresent()) {
                done.accept(wrongClock.get());
                return new MaintenanceReport(actions, 0, 0, patience.elapsed());
            }
            retire(connection, patience, done);
            Forgetting forgetting = new Forgetting(config.schema());
            long inboxRows = deleting(done, "consumer_inbox", () -> forgetting.inboxRows(connection));
            long keys = deleting(done, "saga_idempotency_keys", () -> forgetting.keys(connection));
            if (actions.stream().noneMatch(action -> action.kind() == Kind.BUSY)) {
                catalog.analyze(connection)
                        .ifPresent(trouble -> done.accept(new PartitionAction(Kind.LATER, "", "", trouble)));
            }
            return new MaintenanceReport(actions, inboxRows, keys, patience.elapsed());
        });
    }

    /**
     * Says what {@link #run()} would do with the rights to do it and if nobody were in its way. Changes nothing and takes no
     * lock that anybody could wait for.
     *
     * @return the actions that would be taken
     * @throws SchemaOutOfDate when the schema is not one that this library can work with
     * @throws MigrationException when it cannot look
     */
    public MaintenanceReport dryRun() {
        Deadline patience = Deadline.after(config.lockWait());
        return onConnection("look at the partitions of", connection -> {
            PartitionFacts facts = facts(connection);
            List<PartitionAction> actions = new ArrayList<>(new DryRun(catalog).of(connection, facts));
            doubt(connection, facts).ifPresent(why -> {
                actions.removeIf(action -> !isOfNewPartition(action, facts));
                actions.add(why);
            });
            return new MaintenanceReport(actions, 0, 0, patience.elapsed());
        });
    }

    /**
     * Makes the partitions of a table that hold these days, whatever time it is: for rows that are to be loaded, or further
     * ahead than the settings say. Those of {@code saga_executions} come with those of {@code saga_steps}.
     *
     * @param table {@code saga_executions}, {@code saga_outbox} or {@code saga_audit_log}
     * @param from the first day, in UTC
     * @param before the day behind the last
     * @return an action for each partition, in order: {@link Kind#CREATE}, {@link Kind#EXISTS}, or {@link Kind#FAIL}
     * @throws IllegalArgumentException when there is no such table, {@code before} is not behind {@code from}, or they are more
     *     than {@value #MOST_AT_ONCE} partitions apart; nothing is made then
     * @throws SchemaOutOfDate when the schema is not one that this library can work with
     * @throws MigrationException when there is no connection, or it was lost
     */
    public List<PartitionAction> create(String table, LocalDate from, LocalDate before) {
        List<Slot> slots = Slots.between(table, from, before, MOST_AT_ONCE);
        return onConnection("make partitions of", connection -> {
            PartitionMaker maker = new PartitionMaker(config.schema(), config.lockWait());
            List<PartitionAction> actions = new ArrayList<>();
            for (Slot slot : slots) {
                actions.add(makeOne(maker, connection, slot).orElseGet(() -> DryRun.presence(slot)));
            }
            return List.copyOf(actions);
        });
    }

    /**
     * Takes away the partitions that are older than this and that nothing needs; of those that have expired but are younger,
     * none, and none is made. Only for the owner of the tables, on a connection to the server itself. Otherwise as {@link
     * #run()}.
     *
     * @param olderThan how old the youngest row of a partition may be at least; no less than the settings keep
     * @param tables {@code saga_executions} (with {@code saga_steps}), {@code saga_outbox}, {@code saga_audit_log}; empty for all
     * @return what it did
     * @throws IllegalArgumentException when there is no such table, or {@code olderThan} is not positive
     * @throws SchemaOutOfDate when the schema is not one that this library can work with
     * @throws MigrationException when the settings keep a table for longer, the role does not own the tables, the connection
     *     leads through a pooler, or there is none
     */
    public MaintenanceReport cleanUp(Period olderThan, Set<String> tables) {
        OldOnes old = new OldOnes(olderThan, tables);
        Deadline patience = Deadline.after(config.lockWait());
        return onConnection("clean up the partitions of", connection -> {
            PartitionFacts facts = old.of(facts(connection));
            if (Connector.isPooled(connection) || !catalog.isOwner(connection)) {
                throw new MigrationException("Partitions older than " + olderThan
                        + " are taken away by the owner of the"
                        + " tables on a connection to the server itself only, but " + config.user() + " at "
                        + config.shownUrl() + " is not that. Give the URL of the primary and its owner, or run the"
                        + " maintenance, which takes away whatever has expired");
            }
            List<PartitionAction> actions = new ArrayList<>();
            Consumer<PartitionAction> done = action -> {
                logged(action);
                actions.add(action);
            };
            Optional<PartitionAction> wrongClock = wrongClock(connection);
            wrongClock.ifPresent(done);
            if (wrongClock.isEmpty()) {
                retireBehindGate(connection, facts, patience, done);
            }
            return new MaintenanceReport(actions, 0, 0, patience.elapsed());
        });
    }

    /**
     * Says what {@link #cleanUp} would do if nobody were in its way. Changes nothing and takes no lock that anybody could wait
     * for.
     *
     * @param olderThan as there
     * @param tables as there
     * @return the actions that would be taken
     * @throws IllegalArgumentException when an argument is not as described
     * @throws SchemaOutOfDate when the schema is not one that this library can work with
     * @throws MigrationException when the settings keep a table for longer, or it cannot look
     */
    public MaintenanceReport dryRunOfCleanUp(Period olderThan, Set<String> tables) {
        OldOnes old = new OldOnes(olderThan, tables);
        Deadline patience = Deadline.after(config.lockWait());
        return onConnection("look at the partitions of", connection -> {
            PartitionFacts facts = old.of(facts(connection));
            Optional<PartitionAction> doubt = doubt(connection, facts);
            List<PartitionAction> actions = doubt.isPresent()
                    ? List.of(doubt.get())
                    : new DryRun(catalog)
                            .of(connection, facts).stream()
                                    .filter(action -> facts.has(action.partition()))
                                    .toList();
            return new MaintenanceReport(actions, 0, 0, patience.elapsed());
        });
    }

    private Optional<PartitionAction> doubt(Connection connection, PartitionFacts facts) throws SQLException {
        Optional<PartitionAction> wrongClock = wrongClock(connection);
        return wrongClock.isPresent()
                ? wrongClock
                : catalog.doubtOfTime(connection, facts.now()).map(why -> new PartitionAction(Kind.LATER, "", "", why));
    }

    /**
     * How the tables are kept.
     *
     * @return a row for each table that can be kept in its own way
     * @throws MigrationException when it cannot look
     */
    public List<PartitionSettings> settings() {
        return onConnection(
                "read the partition settings of",
                connection -> List.copyOf(catalog.settings(connection).values()));
    }

    /**
     * Changes how a table is kept, for all instances and for SQL alike. The next maintenance follows. Only for the owner of
     * the tables.
     *
     * @param settings what shall hold from now on
     * @throws MigrationException when that fails
     */
    public void change(PartitionSettings settings) {
        Objects.requireNonNull(settings, "settings");
        onConnection("change the partition settings of", connection -> {
            catalog.change(connection, settings);
            return settings;
        });
    }

    /**
     * How the partitioned tables are: for gauges.
     *
     * @return a row for each table
     * @throws MigrationException when it cannot look
     */
    public List<PartitionStatistics> statistics() {
        return onConnection("read the partition statistics of", catalog::statistics);
    }

    private void makeMissing(Connection connection, PartitionFacts facts, Consumer<PartitionAction> done)
            throws SQLException {
        PartitionMaker maker = new PartitionMaker(config.schema(), config.lockWait());
        for (Slot slot : PartitionPlanner.missing(facts)) {
            makeOne(maker, connection, slot).ifPresent(done);
        }
    }

    private static Optional<PartitionAction> makeOne(PartitionMaker maker, Connection connection, Slot slot)
            throws SQLException {
        try {
            return maker.make(connection, slot) ? Optional.of(DryRun.creation(slot)) : Optional.empty();
        } catch (MigrationException e) {
            return Optional.of(DryRun.failure(slot, String.valueOf(e.getMessage())));
        }
    }

    private void retire(Connection connection, Deadline patience, Consumer<PartitionAction> done) throws SQLException {
        if (Connector.isPooled(connection) || !catalog.isOwner(connection)) {
            PlainRetirement plain = otherTime.isPresent()
                    ? PlainRetirement.atTimeOfFacts(config.schema())
                    : PlainRetirement.now(config.schema());
            plain.run(connection, facts(connection), patience, done);
            return;
        }
        retireBehindGate(connection, facts(connection), patience, done);
    }

    private void retireBehindGate(
            Connection connection, PartitionFacts facts, Deadline patience, Consumer<PartitionAction> done)
            throws SQLException {
        Gate gate = new Gate(connection, Gate.Purpose.MAINTENANCE, config.schema());
        if (!gate.tryEnterForSession()) {
            done.accept(new PartitionAction(
                    Kind.BUSY, "", "", "another instance is taking care of old partitions: " + gate.holder()));
            return;
        }
        try {
            new ConcurrentRetirement(config.schema()).run(connection, facts, patience, done);
        } finally {
            gate.leaveOfSession();
        }
    }

    private static long deleting(Consumer<PartitionAction> done, String table, Deletion deletion) throws SQLException {
        try {
            return deletion.run();
        } catch (SQLException e) {
            if (SqlStates.isConnectionLost(e)) {
                throw e;
            }
            done.accept(new PartitionAction(
                    SqlStates.isLockedOut(e) ? Kind.LATER : Kind.FAIL, table, "", "old rows stay: " + e.getMessage()));
            return 0;
        }
    }

    private PartitionFacts facts(Connection connection) throws SQLException {
        PartitionFacts facts = catalog.facts(connection);
        return otherTime
                .map(time -> new PartitionFacts(time.apply(facts.now()), facts.settings(), facts.partitions()))
                .orElse(facts);
    }

    private Optional<PartitionAction> wrongClock(Connection connection) throws SQLException {
        Duration apart = Duration.between(hostClock.instant(), PartitionCatalog.now(connection));
        return apart.abs().compareTo(CLOCKS_APART) <= 0
                ? Optional.empty()
                : Optional.of(new PartitionAction(
                        Kind.FAIL,
                        "",
                        "",
                        "the clocks of this host and of the database are " + apart.abs()
                                + " apart, and one of them is wrong: nothing is taken away until both are right"));
    }

    private static boolean isOfNewPartition(PartitionAction action, PartitionFacts facts) {
        return PartitionPlanner.missing(facts).stream()
                .anyMatch(slot -> slot.name().equals(action.partition()));
    }

    private static boolean isSame(PartitionAction one, PartitionAction other) {
        return one.kind() == other.kind() && one.partition().equals(other.partition());
    }

    private void logged(PartitionAction action) {
        switch (action.kind()) {
            case FAIL -> log.warn("Partitions of schema {}: {}", config.schema(), action);
            case LATER -> {
                if (action.table().isEmpty()) {
                    log.warn("Partitions of schema {}: {}", config.schema(), action);
                }
            }
            case DETACH, DROP, ARCHIVE, ATTACH -> log.info("Partitions of schema {}: {}", config.schema(), action);
            default -> log.debug("Partitions of schema {}: {}", config.schema(), action);
        }
    }

    private <T> T onConnection(String doing, Task<T> task) {
        String what = doing + " schema " + config.schema() + " at " + config.shownUrl();
        try (Connection connection = connector.open()) {
            connector.refuseUnsafePooling(connection);
            SchemaHistory history = SchemaHistory.of(connection, config.schema());
            if (history.isBehind() || history.isOfNewerMajor()) {
                throw new SchemaOutOfDate("Cannot " + what + ": it is at version "
                        + history.version().map(Object::toString).orElse("(none)") + ", and this library knows "
                        + Scripts.LATEST + ". Migrate first, or use the newer library");
            }
            return task.run(connection);
        } catch (SQLException e) {
            throw MigrationException.of("Cannot " + what + " as " + config.user(), e);
        }
    }

    private interface Deletion {
        long run() throws SQLException;
    }

    private interface Task<T> {
        T run(Connection connection) throws SQLException;
    }
}
