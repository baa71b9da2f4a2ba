package io.sagaz.storage.postgres.internal.outbox;

import java.util.ArrayList;
import java.util.List;

/**
 * Remembers where the log was when: what a transaction emits lies behind the number that the log was at when it began. So nobody
 * has to look further back than to where the oldest transaction began that was waited for. For one thread.
 *
 * <p>Any few of the moments will do; the fewer there are, the further back one looks.
 */
final class Ticks {
    private static final int MOST = 4_096;

    /** From a transaction with this number on, events have numbers above that one. */
    private record Tick(long transaction, long seq) {}

    private final List<Tick> ticks = new ArrayList<>();

    void add(LogPosition position) {
        Tick tick = new Tick(position.nextTransaction(), position.lastSeq());
        if (!ticks.isEmpty() && ticks.get(ticks.size() - 1).transaction >= tick.transaction) {
            ticks.remove(ticks.size() - 1);
        }
        ticks.add(tick);
        if (ticks.size() > MOST) {
            for (int i = ticks.size() - 2; i > 0; i -= 2) {
                ticks.remove(i);
            }
        }
    }

    /** A number below those of all events of this transaction and those that began after it. */
    long before(long transaction, long otherwise) {
        for (int i = ticks.size() - 1; i >= 0; i--) {
            if (ticks.get(i).transaction <= transaction) {
                return Math.max(ticks.get(i).seq, otherwise);
            }
        }
        return otherwise;
    }

    /** Nobody will ask for transactions below. */
    void forgetBelow(long transaction) {
        while (ticks.size() > 1 && ticks.get(1).transaction <= transaction) {
            ticks.remove(0);
        }
    }

    void clear() {
        ticks.clear();
    }
}
