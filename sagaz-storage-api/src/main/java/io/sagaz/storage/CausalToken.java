package io.sagaz.storage;

import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A point in the life of a database: everything that was acknowledged before it was taken. Whoever reads {@linkplain
 * ReadConsistency#atLeast at least} that point sees those writes, also in another process: hand its {@linkplain #toString()
 * text} on with what you tell it, in a header or a message.
 *
 * <p>What is in it is the database's own; applications compare and combine tokens by {@link #merge} alone. It is not signed:
 * whoever makes one up can send reads to the primary with it, and no more. Tokens of different databases are not to be
 * mixed; a read that is given one of another database, or of a history that a failover has left, is answered by the primary,
 * with {@link RouteReason#TOKEN_OF_ANOTHER_HISTORY} in its receipt.
 *
 * @param systemIdentifier of the database cluster and all its replicas
 * @param timeline which of the histories of the cluster; each failover begins another. From 1
 * @param position in the write-ahead log of that history, unsigned
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES">PostgreSQL: timelines</a>
 */
public record CausalToken(long systemIdentifier, int timeline, long position) {
    private static final byte VERSION = 1;
    private static final int BYTES = 1 + Long.BYTES + Integer.BYTES + Long.BYTES;
    private static final int LONGEST_SHOWN = 60;

    /**
     * Checks the timeline.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public CausalToken {
        if (timeline < 1) {
            throw new IllegalArgumentException("CausalToken.timeline must be at least 1 but is " + timeline);
        }
    }

    /**
     * Reads what {@link #toString()} wrote.
     *
     * @throws IllegalArgumentException if {@code text} is anything else; whoever got it from outside goes on without a token
     */
    public static CausalToken parse(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(decode(Require.present("CausalToken", text)));
        if (bytes.remaining() != BYTES || bytes.get() != VERSION) {
            throw unreadable(text, null);
        }
        long systemIdentifier = bytes.getLong();
        int timeline = bytes.getInt();
        if (timeline < 1) {
            throw unreadable(text, null);
        }
        return new CausalToken(systemIdentifier, timeline, bytes.getLong());
    }

    /**
     * The later of two: what is seen with either is seen with it, except for what a failover between them has lost. For whoever
     * has heard from several others.
     *
     * @throws IllegalArgumentException if {@code other} is null or of another database
     */
    public CausalToken merge(CausalToken other) {
        if (Require.present("other", other).systemIdentifier != systemIdentifier) {
            throw new IllegalArgumentException("Tokens of different databases cannot be merged: " + this + " and "
                    + other + ". Keep one for each database.");
        }
        int order = timeline == other.timeline
                ? Long.compareUnsigned(position, other.position)
                : Integer.compare(timeline, other.timeline);
        return order >= 0 ? this : other;
    }

    /** 28 letters, digits, dashes and underscores: fit for headers, cookies and URLs. */
    @Override
    public String toString() {
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .put(VERSION)
                .putLong(systemIdentifier)
                .putInt(timeline)
                .putLong(position)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] decode(String text) {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw unreadable(text, e);
        }
    }

    private static IllegalArgumentException unreadable(String text, @Nullable Exception cause) {
        String shown = text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
        return new IllegalArgumentException(
                "CausalToken must be the text that CausalToken.toString() gave but is \"" + shown + "\"", cause);
    }
}
