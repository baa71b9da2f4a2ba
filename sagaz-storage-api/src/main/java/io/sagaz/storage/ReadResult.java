package io.sagaz.storage;

/**
 * An answer and how fresh it is.
 *
 * @param value the answer
 * @param receipt where it came from and how stale it can be
 * @param <T> the type of the answer
 */
public record ReadResult<T>(T value, ReadReceipt receipt) {}
