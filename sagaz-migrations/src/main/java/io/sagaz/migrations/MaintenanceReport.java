package io.sagaz.migrations;

import java.time.Duration;
import java.util.List;

/**
 * What a maintenance did, or what it would do. Immutable.
 *
 * @param actions in the order in which they were taken; partitions that were there and stay are left out
 * @param forgottenInboxRows how many rows of {@code consumer_inbox} were older than it is kept, and deleted; 0 in a dry run
 * @param forgottenIdempotencyKeys how many keys were deleted because their sagas are gone; 0 in a dry run
 * @param took how long it took
 */
public record MaintenanceReport(
        List<PartitionAction> actions, long forgottenInboxRows, long forgottenIdempotencyKeys, Duration took) {
    /** Copies the list. */
    public MaintenanceReport {
        actions = List.copyOf(actions);
    }

    /**
     * The actions of one kind.
     *
     * @param kind which
     * @return in the order in which they were taken
     */
    public List<PartitionAction> of(PartitionAction.Kind kind) {
        return actions.stream().filter(action -> action.kind() == kind).toList();
    }
}
