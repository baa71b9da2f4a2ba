package io.sagaz.testkit;

/**
 * Says that a topology could not be started, broken on purpose or closed.
 *
 * <p>The message is meant to be read by the person in front of the build: it names the program that failed and what it
 * was needed for, its exit status and the end of its log, or says what to install. It never contains a password.
 */
public final class TopologyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * An error without an underlying one.
     *
     * @param message what failed, and what to do about it where that is known
     */
    public TopologyException(String message) {
        super(message);
    }

    /**
     * An error caused by another one.
     *
     * @param message what failed, and what to do about it where that is known
     * @param cause what was noticed first
     */
    public TopologyException(String message, Throwable cause) {
        super(message, cause);
    }
}
