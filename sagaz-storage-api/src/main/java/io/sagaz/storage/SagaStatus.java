package io.sagaz.storage;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a saga stands.
 *
 * <pre>
 * PENDING ──▶ RUNNING ──▶ SUCCESS
 *    │           ├──────▶ FAILED
 *    │           └──────▶ COMPENSATING ──▶ COMPENSATED
 *    └──▶ FAILED                  └──────▶ FAILED
 * </pre>
 */
public enum SagaStatus {
    /** Recorded, and nothing done yet. */
    PENDING,
    /** Its steps are being done. */
    RUNNING,
    /** Every step was done. Final. */
    SUCCESS,
    /** Given up, with whatever was done left as it is. Final. */
    FAILED,
    /** What was done is being undone. */
    COMPENSATING,
    /** What was done has been undone. Final. */
    COMPENSATED;

    /** Whether a saga of this status may become {@code next}. */
    public boolean canBecome(SagaStatus next) {
        return successors().contains(next);
    }

    /** Whether nothing changes any more. */
    public boolean isFinished() {
        return successors().isEmpty();
    }

    /** The statuses from which {@code this} can be reached, in the order of declaration. */
    public List<SagaStatus> predecessors() {
        return Stream.of(values()).filter(s -> s.canBecome(this)).toList();
    }

    private Set<SagaStatus> successors() {
        return switch (this) {
            case PENDING -> EnumSet.of(RUNNING, FAILED);
            case RUNNING -> EnumSet.of(SUCCESS, FAILED, COMPENSATING);
            case COMPENSATING -> EnumSet.of(COMPENSATED, FAILED);
            case SUCCESS, FAILED, COMPENSATED -> EnumSet.noneOf(SagaStatus.class);
        };
    }
}
