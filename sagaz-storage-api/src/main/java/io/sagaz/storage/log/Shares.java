package io.sagaz.storage.log;

/**
 * What a member has of a relay.
 *
 * @param shards how many shards are its own
 * @param taken how many of them it has just taken
 * @param members how many instances share the work
 * @param restarted how many of them have come here by a dump and restore, so that their events are read again from the highest
 *     number that all of them are known to be beyond
 */
public record Shares(int shards, int taken, int members, int restarted) {
    /** How many shards it has more than its share. */
    public int surplus() {
        return Math.max(0, shards - (OutboxLog.SHARDS + members - 1) / Math.max(1, members));
    }
}
