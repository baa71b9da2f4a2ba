package io.sagaz.bench.reads;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What drivers have to say of servers that are down: it is known here, and counted. */
final class DriverLogs {
    /** Kept, since what was set is forgotten with a logger that nobody holds. */
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("org.postgresql"), Logger.getLogger("software.amazon.jdbc"));

    private DriverLogs() {}

    /** Nothing from now on. */
    static void silence() {
        LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
    }
}
