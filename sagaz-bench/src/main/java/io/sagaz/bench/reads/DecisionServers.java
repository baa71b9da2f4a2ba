package io.sagaz.bench.reads;

import io.sagaz.bench.Login;
import io.sagaz.bench.Stage;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Properties;

/**
 * The servers that a JVM of JMH is to use. They are handed on in a file that only its owner may read: passwords do not belong
 * on a command line. Immutable.
 *
 * @param reads through PgBouncer-RO
 * @param writes through PgBouncer-RW
 * @param systemIdentifier of the cluster
 * @param segmentSize bytes in a file of its log
 * @param blockSize bytes in a page of it
 */
public record DecisionServers(Login reads, Login writes, long systemIdentifier, long segmentSize, long blockSize) {
    private static final String PROPERTY = "sagaz.bench.servers";

    static DecisionServers of(Stage stage) throws SQLException {
        return new DecisionServers(
                stage.reads(),
                stage.through(),
                Long.parseLong(stage.ask("SELECT system_identifier FROM pg_control_system()")),
                Long.parseLong(stage.ask("SELECT bytes_per_wal_segment FROM pg_control_init()")),
                Long.parseLong(stage.ask("SELECT wal_block_size FROM pg_control_init()")));
    }

    /** Writes them into a new file; the caller deletes it. */
    Path write() throws IOException {
        Properties properties = new Properties();
        put(properties, "reads", reads);
        put(properties, "writes", writes);
        properties.setProperty("systemIdentifier", Long.toString(systemIdentifier));
        properties.setProperty("segmentSize", Long.toString(segmentSize));
        properties.setProperty("blockSize", Long.toString(blockSize));
        Path file = Files.createTempFile("sagaz-bench-", ".properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
        return file;
    }

    /** What tells a JVM of the file. */
    static String argument(Path file) {
        return "-D" + PROPERTY + "=" + file;
    }

    /** Those that this JVM was told of. */
    public static DecisionServers read() throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(System.getProperty(PROPERTY, "")))) {
            properties.load(reader);
        }
        return new DecisionServers(
                login(properties, "reads"),
                login(properties, "writes"),
                Long.parseLong(properties.getProperty("systemIdentifier")),
                Long.parseLong(properties.getProperty("segmentSize")),
                Long.parseLong(properties.getProperty("blockSize")));
    }

    private static void put(Properties properties, String name, Login login) {
        properties.setProperty(name + ".url", login.url());
        properties.setProperty(name + ".user", login.user());
        properties.setProperty(name + ".password", login.password());
    }

    private static Login login(Properties properties, String name) {
        return new Login(
                properties.getProperty(name + ".url", ""),
                properties.getProperty(name + ".user", ""),
                properties.getProperty(name + ".password", ""));
    }
}
