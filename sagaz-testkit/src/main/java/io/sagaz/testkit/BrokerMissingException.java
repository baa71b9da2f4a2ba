package io.sagaz.testkit;

/** Says that a broker cannot run on this machine, and what to install: a reason to skip a test, and to show it. */
public final class BrokerMissingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokerMissingException(String message, Throwable cause) {
        super(message, cause);
    }
}
