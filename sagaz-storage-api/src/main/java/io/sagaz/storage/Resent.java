package io.sagaz.storage;

/**
 * What became of dead letters that were to be sent again.
 *
 * @param resent how many the relay tries again now
 * @param eventsGone how many stay dead letters, because the event itself is gone from the outbox
 */
public record Resent(long resent, long eventsGone) {}
