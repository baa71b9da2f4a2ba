package io.sagaz.storage.postgres.internal.jdbc;

import io.sagaz.storage.CrashPoints;

/** Tells a test when a statement is about to be sent, and when its answer is there. Safe for threads, as far as the test is. */
public final class CrashingCalls implements ConnectionRunner {
    private final ConnectionRunner calls;
    private final CrashPoints points;

    private CrashingCalls(ConnectionRunner calls, CrashPoints points) {
        this.calls = calls;
        this.points = points;
    }

    /** The calls themselves, unless there is somebody to be told. */
    public static ConnectionRunner of(ConnectionRunner calls, CrashPoints points) {
        return points == CrashPoints.NONE ? calls : new CrashingCalls(calls, points);
    }

    @Override
    public <T> T run(String operation, RepeatableCall<T> call) {
        return calls.run(operation, (connection, outcomeOpen) -> {
            points.reached(CrashPoints.Point.BEFORE_STATEMENT);
            T answer = call.run(connection, outcomeOpen);
            points.reached(CrashPoints.Point.AFTER_STATEMENT);
            return answer;
        });
    }
}
