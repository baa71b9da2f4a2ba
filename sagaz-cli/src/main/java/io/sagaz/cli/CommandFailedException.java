package io.sagaz.cli;

/** A command cannot do what it was asked to do, and its message says all there is to say about it. */
@SuppressWarnings("serial") // Exceptions are not meant to be serialised.
public final class CommandFailedException extends RuntimeException {
    /** With what is wrong, and what helps. */
    public CommandFailedException(String message) {
        super(message);
    }
}
