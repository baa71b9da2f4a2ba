package io.sagaz.testkit;

import java.util.Optional;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The driver warns at each login to a console of PgBouncer, which calls itself a PostgreSQL that is older than any. */
final class DriverWarnings {
    // Held here, or it could be forgotten together with its filter.
    private static final Logger LOGGER = Logger.getLogger("org.postgresql.jdbc.PgConnection");

    private DriverWarnings() {}

    /** Says no more of them. What else is logged goes where it went. */
    static synchronized void leaveOutConsoles() {
        Filter before = LOGGER.getFilter();
        if (!(before instanceof WithoutConsoles)) {
            LOGGER.setFilter(new WithoutConsoles(Optional.ofNullable(before)));
        }
    }

    private record WithoutConsoles(Optional<Filter> before) implements Filter {
        @Override
        public boolean isLoggable(LogRecord entry) {
            return !isOfConsole(entry)
                    && before.map(filter -> filter.isLoggable(entry)).orElse(true);
        }

        private static boolean isOfConsole(LogRecord entry) {
            Object[] parameters = entry.getParameters();
            return parameters != null
                    && parameters.length == 1
                    && String.valueOf(parameters[0]).endsWith("/bouncer");
        }
    }
}
