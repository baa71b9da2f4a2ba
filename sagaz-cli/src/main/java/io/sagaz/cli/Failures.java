package io.sagaz.cli;

import io.sagaz.cli.demo.DemoStoppedException;
import io.sagaz.cli.term.Terminal;
import io.sagaz.migrations.MigrationException;
import io.sagaz.storage.StoreException;
import io.sagaz.testkit.TopologyException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import picocli.CommandLine;

/** Says why a command failed: to people on standard error, and as a document to whoever asked for one. */
final class Failures {
    private Failures() {}

    /**
     * Reports the failure of a command.
     *
     * @return the exit status; after a signal the JVM has its own
     */
    static int report(Exception failure, String command, boolean json, Surroundings surroundings) {
        Shutdown shutdown = surroundings.shutdown();
        Terminal err = surroundings.err().get();
        String problem = shutdown.isRequested() ? "stopped by a signal" : problem(failure);
        if (json) {
            surroundings.out().get().line(JsonDocument.error(problem));
        }
        if (!shutdown.isRequested() && !isExpected(failure)) {
            err.line(stackTrace(failure));
        }
        err.line(command + ": " + problem);
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Whether the message alone says what there is to say; anything else is a fault in this program. */
    private static boolean isExpected(Exception failure) {
        return failure instanceof TopologyException
                || failure instanceof StoreException
                || failure instanceof MigrationException
                || failure instanceof CommandFailedException
                || failure instanceof SQLException
                || failure instanceof IOException
                || failure instanceof DemoStoppedException;
    }

    private static String problem(Exception failure) {
        return isExpected(failure) ? String.valueOf(failure.getMessage()) : failure.toString();
    }

    private static String stackTrace(Exception failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
