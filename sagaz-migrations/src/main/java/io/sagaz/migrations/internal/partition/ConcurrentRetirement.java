package io.sagaz.migrations.internal.partition;

import static io.sagaz.migrations.PartitionAction.Kind.FAIL;
import static io.sagaz.migrations.PartitionAction.Kind.KEEP;
import static io.sagaz.migrations.PartitionAction.Kind.LATER;

import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.internal.jdbc.Deadline;
import io.sagaz.migrations.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Takes old partitions away with {@code DETACH PARTITION CONCURRENTLY}: it waits for the transactions that use the table
 * and nobody waits for it. PostgreSQL allows that to the owner of the tables only, and neither in a transaction nor in a
 * function; and the wait must be bounded by a setting of the session, which must be ours alone: no pooler.
 *
 * <p>For whoever is behind the gate with the same session, so that no other begins before the server is done with this one.
 */
public final class ConcurrentRetirement implements Retirement {
    private static final String STILL_USED = "nothing needs it, but transactions that use the table do not end";
    private static final String DETACHING = "it is being detached, which waits for transactions that use the table";
    private static final String NAMED = "nothing needs it, but somebody uses it by its name";
    private static final String UNNOTED =
            "it is detached, but its row in partition_retirements is gone: attach it again, or" + " drop it";

    private static final int LOOKS = 4;

    private final String schema;
    private final PartitionCatalog catalog;

    /** For a schema. */
    public ConcurrentRetirement(String schema) {
        this.schema = schema;
        catalog = new PartitionCatalog(schema);
    }

    @Override
    public void run(Connection connection, PartitionFacts facts, Deadline patience, Consumer<PartitionAction> done)
            throws SQLException {
        RetirementSteps steps = new RetirementSteps(connection, schema, facts.now());
        steps.boundWaits();
        Optional<String> doubt = catalog.noteTime(connection, facts.now());
        if (doubt.isPresent()) {
            done.accept(new PartitionAction(LATER, "", "", doubt.get()));
            return;
        }
        steps.forgetWhatCameToNothing();
        Run run = new Run(steps, patience);
        for (Step step : PartitionPlanner.plan(facts, catalog.needs(connection, facts))) {
            Optional<PartitionAction> action = run.carryOut(step);
            action.ifPresent(run::remember);
            action.ifPresent(done);
        }
        // What was noted and then given up must not speak for somebody else who detaches the same.
        steps.forgetWhatCameToNothing();
    }

    /** What has become of the steps so far decides on those to come. */
    private static final class Run {
        private final RetirementSteps steps;
        private final Deadline patience;
        private final Set<String> gone = new HashSet<>();
        /** PostgreSQL detaches one partition of a table at a time. */
        private final Set<PartitionedTable> blocked = new HashSet<>();

        Run(RetirementSteps steps, Deadline patience) {
            this.steps = steps;
            this.patience = patience;
        }

        void remember(PartitionAction action) {
            if (action.kind() == Kind.DROP || action.kind() == Kind.ARCHIVE) {
                gone.add(action.partition());
            } else if (action.kind() == LATER && !action.details().equals(NAMED)) {
                blocked.add(PartitionedTable.named(action.table()));
            }
        }

        Optional<PartitionAction> carryOut(Step step) throws SQLException {
            if (step instanceof Step.Keep keep) {
                return Optional.of(action(KEEP, keep.partition(), keep.why()));
            }
            if (step instanceof Step.Finish finish) {
                return finish(finish.partition());
            }
            if (step instanceof Step.Retire retire) {
                return Optional.of(retire(retire));
            }
            return Optional.empty(); // What is missing was made before.
        }

        private PartitionAction retire(Step.Retire retire) throws SQLException {
            Partition partition = retire.partition();
            if (!gone.containsAll(retire.after())) {
                return action(LATER, partition, "it goes after " + String.join(", ", retire.after()));
            }
            if (blocked.contains(partition.table())) {
                return action(LATER, partition, "it goes after others of its table");
            }
            if (patience.isOver()) {
                return action(LATER, partition, "there was no time left for it");
            }
            Optional<PartitionAction> hindered = attempt(partition, () -> detach(partition), STILL_USED);
            return hindered.isPresent()
                    ? hindered.get()
                    : finish(partition).orElseGet(() -> action(FAIL, partition, UNNOTED));
        }

        private Optional<PartitionAction> finish(Partition partition) throws SQLException {
            return attempt(
                    partition,
                    () -> {
                        if (steps.isDetaching(partition)) {
                            steps.endDetaching(partition);
                        }
                        return steps.finish(partition);
                    },
                    DETACHING);
        }

        /** Empty when it is detached, or can only come to that. */
        private Optional<PartitionAction> detach(Partition partition) throws SQLException {
            // Others who name it would wait behind us. Mostly that lasts a moment.
            for (int look = 1; steps.isUsedByName(partition); look++) {
                if (look == LOOKS || patience.isOver()) {
                    return Optional.of(action(LATER, partition, NAMED));
                }
                patience.pause();
            }
            steps.note(partition);
            try {
                steps.detachConcurrently(partition);
            } catch (SQLException e) {
                if (SqlStates.isConnectionLost(e)) {
                    throw e;
                }
                if (!steps.isDetaching(partition)) {
                    if (!SqlStates.isLockedOut(e)) {
                        steps.forget(partition); // Somebody else may have detached it, and then it is his.
                    }
                    throw e;
                }
            }
            return Optional.empty();
        }

        private Optional<PartitionAction> attempt(Partition partition, Attempt attempt, String ifLockedOut)
                throws SQLException {
            while (true) {
                try {
                    return attempt.make();
                } catch (SQLException e) {
                    if (SqlStates.isConnectionLost(e)) {
                        throw e;
                    }
                    if (!SqlStates.isLockedOut(e)) {
                        return Optional.of(
                                action(FAIL, partition, e.getMessage() + " [SQLState " + e.getSQLState() + "]"));
                    }
                    if (patience.isOver()) {
                        return Optional.of(action(LATER, partition, ifLockedOut));
                    }
                    patience.pause();
                }
            }
        }
    }

    private static PartitionAction action(Kind kind, Partition partition, String details) {
        return new PartitionAction(kind, partition.table().table(), partition.name(), details);
    }

    private interface Attempt {
        Optional<PartitionAction> make() throws SQLException;
    }
}
