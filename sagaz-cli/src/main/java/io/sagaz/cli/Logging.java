package io.sagaz.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Where log lines go: {@code logback.xml} sends warnings to standard error; a screen wants them out of the way. */
public final class Logging {
    private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level [%thread] %logger{30} %msg%n";

    private Logging() {}

    /**
     * Sends warnings to a file until {@link ToFile#close()}.
     *
     * @throws IOException if no file can be made in the directory for temporary files
     */
    public static ToFile toFile() throws IOException {
        Path file = Files.createTempFile("sagaz-", ".log");
        Logger root = root();
        LoggerContext context = root.getLoggerContext();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setFile(file.toString());
        appender.start();
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        return new ToFile(file, appender);
    }

    /** From now on warnings are left out: the command itself says what there is to say. */
    public static void errorsOnly() {
        root().setLevel(Level.ERROR);
    }

    static void silence() {
        root().setLevel(Level.OFF);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    /** Log lines in a file. */
    public static final class ToFile implements AutoCloseable {
        private final Path file;
        private final FileAppender<ILoggingEvent> appender;

        private ToFile(Path file, FileAppender<ILoggingEvent> appender) {
            this.file = file;
            this.appender = appender;
        }

        /** The file. */
        public Path path() {
            return file;
        }

        /** Whether nothing was logged so far. */
        public boolean isEmpty() {
            return file.toFile().length() == 0;
        }

        /** Ends the logging; an empty file is removed. */
        @Override
        public void close() throws IOException {
            appender.stop();
            if (isEmpty()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
