package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The plans of the application's statements that the primary has logged; its log lies beside its data. */
final class PlanLog {
    private static final Pattern SCAN =
            Pattern.compile("(Seq Scan|Index Scan|Index Only Scan|Bitmap Heap Scan|Bitmap Index Scan)"
                    + "(?: Backward)?(?: using (\\S+))? on (\\S+)");

    private final Path file;
    private int read;

    PlanLog(Topology topology) throws SQLException, IOException {
        file = Path.of(dataDirectory(topology)).resolveSibling("primary.log");
        read = Files.readAllLines(file).size();
    }

    /** Has the primary log plans from the next connection on. */
    static void turnOn(Topology topology) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement()) {
            statement.execute("ALTER ROLE sagaz_app SET session_preload_libraries = 'auto_explain'");
            statement.execute("ALTER ROLE sagaz_app SET auto_explain.log_min_duration = 0");
            statement.execute("ALTER ROLE sagaz_app SET auto_explain.log_analyze = on");
            statement.execute("ALTER ROLE sagaz_app SET auto_explain.log_nested_statements = on");
        }
        topology.faults().restartWritePooler(); // Its backends are older than these settings.
    }

    /** The ways by which tables of Sagaz were looked into since the last time, each once. */
    Set<String> scans() throws IOException {
        return lookedInto().stream()
                .map(name -> name.startsWith("Seq ") ? name : "Index " + name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The tables and indexes of Sagaz that were looked into since the last time, each once; what bitmaps are made of, too. */
    Set<String> lookedInto() throws IOException {
        return lookedInto("saga_");
    }

    /** The ways by which the inbox was looked into since the last time, each once. */
    Set<String> inboxScans() throws IOException {
        return lookedInto("consumer_inbox");
    }

    private Set<String> lookedInto(String tables) throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher scan = SCAN.matcher(plans());
        while (scan.find()) {
            if (scan.group(3).startsWith(tables)) {
                String kind = scan.group(1).startsWith("Seq") ? "Seq " : "";
                names.add(kind + (scan.group(2) == null ? scan.group(3) : scan.group(2)));
            }
        }
        return names;
    }

    private String plans() throws IOException {
        List<String> lines = Files.readAllLines(file);
        // What is pruned while a statement runs stands in its plan all the same.
        String text = lines.stream()
                .skip(read)
                .filter(line -> !line.contains("(never executed)"))
                .collect(Collectors.joining("\n"));
        read = lines.size();
        assertThat(text).as("the plan of a statement").contains("Query Text:");
        return text;
    }

    private static String dataDirectory(Topology topology) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            return row.getString(1);
        }
    }
}
