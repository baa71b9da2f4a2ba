package io.sagaz.storage;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a step of a saga stands.
 *
 * <pre>
 * PENDING ──▶ RUNNING ──▶ SUCCESS ──▶ COMPENSATING ──▶ COMPENSATED
 *    │           └──▶ FAILED ──▶ RUNNING (retry)  └──▶ FAILED
 *    └──▶ SUCCESS, FAILED, SKIPPED
 * </pre>
 *
 * A step that is short may go from PENDING to SUCCESS and from SUCCESS to COMPENSATED in one change.
 */
public enum StepStatus {
    /** Not begun. */
    PENDING,
    /** Being done. */
    RUNNING,
    /** Done. */
    SUCCESS,
    /** Tried, and failed. */
    FAILED,
    /** Being undone. */
    COMPENSATING,
    /** Undone. Final. */
    COMPENSATED,
    /** Left out. Final. */
    SKIPPED;

    /** Whether a step of this status may become {@code next}. */
    public boolean canBecome(StepStatus next) {
        return successors().contains(next);
    }

    /** The statuses from which {@code this} can be reached, in the order of declaration. */
    public List<StepStatus> predecessors() {
        return Stream.of(values()).filter(s -> s.canBecome(this)).toList();
    }

    private Set<StepStatus> successors() {
        return switch (this) {
            case PENDING -> EnumSet.of(RUNNING, SUCCESS, FAILED, SKIPPED);
            case RUNNING -> EnumSet.of(SUCCESS, FAILED);
            case SUCCESS -> EnumSet.of(COMPENSATING, COMPENSATED);
            case FAILED -> EnumSet.of(RUNNING, SKIPPED);
            case COMPENSATING -> EnumSet.of(COMPENSATED, FAILED);
            case COMPENSATED, SKIPPED -> EnumSet.noneOf(StepStatus.class);
        };
    }
}
