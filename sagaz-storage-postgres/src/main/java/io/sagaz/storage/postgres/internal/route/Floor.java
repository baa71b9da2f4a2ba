package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import org.jspecify.annotations.Nullable;

/**
 * Behind what an answer must not be, whatever staleness the caller accepts: what it has seen or written before.
 *
 * @param position a replica must have replayed that much; null for none
 * @param sinceNanos a replica must be proved to show all that was acknowledged or visible on the primary at this {@link
 *     System#nanoTime()}; null for none
 */
record Floor(@Nullable CausalToken position, @Nullable Long sinceNanos) {
    static final Floor NONE = new Floor(null, null);

    static Floor since(long nanos) {
        return new Floor(null, nanos);
    }

    boolean isNone() {
        return position == null && sinceNanos == null;
    }

    /** Both of them; of positions of different clusters, which cannot be compared, the other's. */
    Floor merge(Floor other) {
        return new Floor(later(position, other.position), later(sinceNanos, other.sinceNanos));
    }

    private static @Nullable CausalToken later(@Nullable CausalToken a, @Nullable CausalToken b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.systemIdentifier() == b.systemIdentifier() ? a.merge(b) : b;
    }

    private static @Nullable Long later(@Nullable Long a, @Nullable Long b) {
        return a == null ? b : b == null || a - b >= 0 ? a : b;
    }
}
