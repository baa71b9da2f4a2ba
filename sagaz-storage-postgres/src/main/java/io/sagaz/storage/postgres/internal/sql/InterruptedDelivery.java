package io.sagaz.storage.postgres.internal.sql;

/**
 * A read that had shown something was ended: by its consumer, or by a server. Says by what; it is of no kind that anybody
 * on the way of a read would answer with another attempt.
 */
public final class InterruptedDelivery extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Throwable thrown;

    InterruptedDelivery(Throwable thrown) {
        super(null, thrown, false, false);
        this.thrown = thrown;
    }

    /**
     * Throws what has ended it, as it is.
     *
     * @param <X> whatever that is: a consumer declares nothing, and may throw anything all the same
     */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <X extends Throwable> RuntimeException rethrow() throws X {
        throw (X) thrown;
    }
}
