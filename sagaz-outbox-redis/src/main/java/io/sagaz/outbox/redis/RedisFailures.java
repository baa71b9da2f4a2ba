package io.sagaz.outbox.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import java.util.Set;
import java.util.concurrent.CompletionException;

/** What a failure of the client or an error of the server means for an event. Pure. */
final class RedisFailures {
    /** Codes of errors that are about the server or the connection. An error begins with its code; the rest is for people. */
    private static final Set<String> UNAVAILABLE = Set.of(
            "BUSY",
            "CLUSTERDOWN",
            "LOADING",
            "MASTERDOWN",
            "MISCONF",
            "NOAUTH",
            "NOREPLICAS",
            "OOM",
            "READONLY",
            "TRYAGAIN",
            "UNBLOCKED",
            "WRONGPASS");

    /** Of those, what another connection may be free of: it may lead to another server, or log in with another password. */
    private static final Set<String> CONNECTION_TOO = Set.of("MASTERDOWN", "NOAUTH", "READONLY", "WRONGPASS");

    private RedisFailures() {}

    static boolean isOfTheEvent(Throwable failure) {
        return failure instanceof RedisCommandExecutionException error && !UNAVAILABLE.contains(code(error));
    }

    /** Whether the connection is to be given up with the event. */
    static boolean endsTheConnection(Throwable failure) {
        return failure instanceof RedisCommandExecutionException error && CONNECTION_TOO.contains(code(error));
    }

    /** The failure of the stage. */
    static RuntimeException explain(Throwable failure, String address, OutgoingEvent event) {
        String what = event.event().id() + " to stream " + event.event().topic();
        return isOfTheEvent(failure)
                ? new EventRefusedException(
                        "Redis at " + address + " does not take event " + what + ": " + failure.getMessage()
                                + remedy(failure),
                        failure)
                : new BrokerUnavailableException(
                        "Redis at " + address + " did not acknowledge event " + what + ": " + reasons(failure),
                        failure);
    }

    /** The client says where it could not connect to, and its cause why. */
    private static String reasons(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ")");
    }

    private static String remedy(Throwable failure) {
        return switch (code(failure)) {
            case "WRONGTYPE" -> ". The key is no stream: rename it, or the topic";
            case "NOPERM" -> ". Allow the publisher's user XADD on the stream (ACL SETUSER)";
            default -> "";
        };
    }

    static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static String code(Throwable error) {
        String message = String.valueOf(error.getMessage());
        int space = message.indexOf(' ');
        return space < 0 ? message : message.substring(0, space);
    }
}
