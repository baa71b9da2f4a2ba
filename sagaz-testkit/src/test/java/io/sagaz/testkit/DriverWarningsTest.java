package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DriverWarningsTest {
    private static final String WARNING = "Unsupported Server Version: {0}";

    private final Logger logger = Logger.getLogger("org.postgresql.jdbc.PgConnection");
    private final Filter before = logger.getFilter();
    private final List<Object> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry.getParameters()[0]);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setFilter(null);
    }

    @AfterEach
    void leave() {
        logger.removeHandler(handler);
        logger.setFilter(before);
    }

    @Test
    void thoseOfConsolesAreLeftOutAndNoOthers() {
        logger.log(Level.WARNING, WARNING, "1.18.0/bouncer");
        DriverWarnings.leaveOutConsoles();
        logger.log(Level.WARNING, WARNING, "1.18.0/bouncer");
        logger.log(Level.WARNING, WARNING, "8.1");

        assertThat(logged).containsExactly("1.18.0/bouncer", "8.1");
    }

    @Test
    void whatWasFilteredBeforeStillIs() {
        logger.setFilter(entry -> !entry.getParameters()[0].equals("8.1"));
        DriverWarnings.leaveOutConsoles();
        DriverWarnings.leaveOutConsoles();
        logger.log(Level.WARNING, WARNING, "8.1");
        logger.log(Level.WARNING, WARNING, "8.0");

        assertThat(logged).containsExactly("8.0");
    }
}
