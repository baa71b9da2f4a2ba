package io.sagaz.testkit;

import io.sagaz.storage.CrashPoints;

/** Stands for the death of the thread that throws it: nobody is meant to catch it but the test. See {@link CrashPlan}. */
public final class SimulatedCrashError extends Error {
    private static final long serialVersionUID = 1;

    SimulatedCrashError(CrashPoints.Point point) {
        super("The test lets this thread die at " + point);
    }
}
