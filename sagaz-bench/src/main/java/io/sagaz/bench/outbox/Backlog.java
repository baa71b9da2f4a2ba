package io.sagaz.bench.outbox;

import io.sagaz.bench.load.Load;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

/** Events that wait before anybody drains them; numbered on from one call to the next. */
final class Backlog {
    /** How many append. */
    static final int WRITERS = 4;

    private static final int EVENTS_AT_A_TIME = 100;

    private final AtomicLong numbers = new AtomicLong();

    /** Appends so many, a hundred in a transaction. */
    void append(Appender appender, int events) throws SQLException, InterruptedException {
        AtomicLong left = new AtomicLong(events / EVENTS_AT_A_TIME);
        var unused = Load.counted(WRITERS, events).run(() -> () -> {
            if (left.getAndDecrement() <= 0) {
                return false;
            }
            appender.append(numbers.getAndAdd(EVENTS_AT_A_TIME), EVENTS_AT_A_TIME);
            return true;
        });
    }
}
