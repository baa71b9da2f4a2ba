package io.sagaz.bench;

import io.sagaz.bench.report.ReportJson;
import io.sagaz.migrations.MigrationException;
import io.sagaz.testkit.TopologyException;
import java.io.IOException;
import java.io.PrintStream;
import picocli.CommandLine;

/** Says why a benchmark failed: to people on standard error, and as a document to whoever asked for one. */
record Failures(PrintStream out, PrintStream err, Interruption interruption) {
    int report(Exception failure, String command, boolean json) {
        if (interruption.isRequested()) {
            return CommandLine.ExitCode.SOFTWARE; // The JVM ends with a status of its own.
        }
        interruption.finished();
        String problem = problem(failure);
        if (json) {
            out.println(ReportJson.error(problem));
        }
        if (!isExpected(failure)) {
            failure.printStackTrace(err);
        }
        err.println(command + ": " + problem);
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static String problem(Exception failure) {
        return isExpected(failure) ? String.valueOf(failure.getMessage()) : failure.toString();
    }

    /** Whether the message alone says what there is to say; anything else is a fault in this program. */
    private static boolean isExpected(Exception failure) {
        return failure instanceof TopologyException
                || failure instanceof MigrationException
                || failure instanceof IOException;
    }
}
