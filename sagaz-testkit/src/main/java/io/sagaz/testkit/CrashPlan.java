package io.sagaz.testkit;

import io.sagaz.storage.CrashPoints;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings something down when Sagaz comes to one of its {@linkplain CrashPoints.Point boundaries}, once: the thread that came
 * there, the whole JVM, or what the test says, such as a connection or a server.
 *
 * <pre>{@code
 * CrashPlan plan = CrashPlan.killThread(CrashPoints.Point.AFTER_STATEMENT);
 * RoutingSagaStore store = RoutingSagaStore.builder()
 *         .write(…)
 *         .crashPoints(plan)
 *         .build();
 * }</pre>
 *
 * <p>Safe for threads: of several that come there at the same time, one is struck.
 */
public final class CrashPlan implements CrashPoints {
    /** The exit status of a process that was killed: 128 and the number of SIGKILL. */
    static final int KILLED = 137;

    private final Point point;
    private final Runnable blow;
    private final AtomicInteger remaining;

    private CrashPlan(Point point, int time, Runnable blow) {
        this.point = Objects.requireNonNull(point, "CrashPlan.point");
        this.blow = Objects.requireNonNull(blow, "CrashPlan.blow");
        if (time < 1) {
            throw new IllegalArgumentException("CrashPlan.time must be at least 1 but is " + time);
        }
        remaining = new AtomicInteger(time);
    }

    /** Does as the test says, the first time. */
    public static CrashPlan at(Point point, Runnable blow) {
        return new CrashPlan(point, 1, blow);
    }

    /** Lets the thread die, the first time: a {@link SimulatedCrashError} goes up from there. */
    public static CrashPlan killThread(Point point) {
        return at(point, () -> {
            throw new SimulatedCrashError(point);
        });
    }

    /** Ends the JVM, the first time, as SIGKILL does: no shutdown hook runs, no buffer is written. The exit status is 137. */
    public static CrashPlan killJvm(Point point) {
        return at(point, () -> Runtime.getRuntime().halt(KILLED));
    }

    /**
     * The same plan, for a later time.
     *
     * @param time the first is 1
     * @throws IllegalArgumentException if it is less
     */
    public CrashPlan onTime(int time) {
        return new CrashPlan(point, time, blow);
    }

    /** Whether the time has come. */
    public boolean hasStruck() {
        return remaining.get() <= 0;
    }

    @Override
    public void reached(Point where) {
        if (where == point && remaining.getAndUpdate(left -> Math.max(-1, left - 1)) == 1) {
            blow.run();
        }
    }
}
