package io.sagaz.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How to connect to a topology. Immutable, and holds passwords: they are made up for this topology and are worth nothing
 * after it.
 *
 * @param rwUrl through PgBouncer-RW to the primary
 * @param roUrl through PgBouncer-RO to the replicas
 * @param primaryUrl to the primary itself
 * @param replicaUrls to the replicas themselves
 * @param database the name of the database
 * @param owner owns the tables
 * @param app what a service logs in as
 * @param reader what a dashboard logs in as
 */
record Connections(
        String rwUrl,
        String roUrl,
        String primaryUrl,
        List<String> replicaUrls,
        String database,
        Credentials owner,
        Credentials app,
        Credentials reader) {

    private static final String JDBC = "jdbc:";
    private static final int LABEL = 16;

    Connections {
        replicaUrls = List.copyOf(replicaUrls);
    }

    static Connections of(Topology topology) {
        return new Connections(
                topology.rwUrl(),
                topology.roUrl(),
                topology.primaryUrl(),
                IntStream.range(0, topology.replicas())
                        .mapToObj(topology::replicaUrl)
                        .toList(),
                topology.database(),
                topology.owner(),
                topology.app(),
                topology.reader());
    }

    /** What a person reads: in a box if that fits into so many columns. */
    List<Row> rows(int columns) {
        List<Row> inside = new ArrayList<>();
        inside.add(new Row().add(Style.BOLD, "JDBC"));
        inside.add(entry("PgBouncer-RW", rwUrl));
        inside.add(entry("PgBouncer-RO", roUrl));
        inside.add(entry("primary", primaryUrl));
        for (int i = 0; i < replicaUrls.size(); i++) {
            inside.add(entry("replica-" + (i + 1), replicaUrls.get(i)));
        }
        inside.add(new Row());
        inside.add(new Row().add(Style.BOLD, "Roles, made up for this run"));
        inside.add(role(app, "a service: reads and writes rows"));
        inside.add(role(reader, "a dashboard: reads rows"));
        inside.add(role(owner, "migrations, status and doctor: owns the tables"));
        inside.add(new Row());
        inside.add(new Row().add(Style.BOLD, "psql"));
        psql().forEach((name, line) -> inside.add(entry(name, line)));
        int width = inside.stream().mapToInt(Row::width).max().orElse(0);
        return width + 4 > columns ? inside : framed(inside, width);
    }

    /** The same as a JSON object. */
    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("urls");
        json.writeStringField("rw", rwUrl);
        json.writeStringField("ro", roUrl);
        json.writeStringField("primary", primaryUrl);
        json.writeArrayFieldStart("replicas");
        for (String url : replicaUrls) {
            json.writeString(url);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeStringField("user", owner.user());
        json.writeStringField("password", owner.password());
        json.writeStringField("database", database);
        json.writeObjectFieldStart("psql");
        for (Map.Entry<String, String> line : psql().entrySet()) {
            json.writeStringField(line.getKey(), line.getValue());
        }
        json.writeEndObject();
        credentials(json, "app", app);
        credentials(json, "reader", reader);
        json.writeObjectFieldStart("env");
        for (Map.Entry<String, String> variable : environment().entrySet()) {
            json.writeStringField(variable.getKey(), variable.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** What the commands about a running deployment read, by name: all ways in, and the owner to log in as. */
    Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("SAGAZ_STORAGE_URL", rwUrl);
        variables.put("SAGAZ_ANALYTICS_URL", roUrl);
        variables.put("SAGAZ_PRIMARY_URL", primaryUrl);
        variables.put("SAGAZ_REPLICA_URLS", String.join(" ", replicaUrls));
        variables.put("SAGAZ_PGBOUNCER_URLS", console(rwUrl) + " " + console(roUrl));
        variables.put("SAGAZ_DB_USER", owner.user());
        variables.put("SAGAZ_DB_PASSWORD", owner.password());
        return variables;
    }

    /** The console of the pooler that a URL leads through. */
    static String console(String url) {
        URI place = URI.create(url.substring(JDBC.length()));
        return JDBC + "postgresql://" + place.getAuthority() + "/pgbouncer";
    }

    /** A command line of psql for each way in. */
    private Map<String, String> psql() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("rw", psql(rwUrl, app));
        lines.put("ro", psql(roUrl, reader));
        lines.put("primary", psql(primaryUrl, owner));
        for (int i = 0; i < replicaUrls.size(); i++) {
            lines.put("replica-" + (i + 1), psql(replicaUrls.get(i), reader));
        }
        return lines;
    }

    private static String psql(String url, Credentials credentials) {
        URI place = URI.create(url.substring(JDBC.length()));
        return "psql postgresql://" + credentials.user() + ":" + credentials.password() + "@" + place.getHost() + ":"
                + place.getPort() + place.getPath();
    }

    private static void credentials(JsonGenerator json, String name, Credentials credentials) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("user", credentials.user());
        json.writeStringField("password", credentials.password());
        json.writeEndObject();
    }

    private static Row entry(String name, String value) {
        return new Row().add(Style.DIM, "  " + name).to(LABEL).add(value);
    }

    private static Row role(Credentials credentials, String remark) {
        return new Row()
                .add("  " + credentials.user())
                .to(LABEL)
                .add(credentials.password())
                .add(Style.DIM, "  " + remark);
    }

    private static List<Row> framed(List<Row> inside, int width) {
        String bar = "─".repeat(width + 2);
        List<Row> box = new ArrayList<>();
        box.add(new Row().add("┌" + bar + "┐"));
        inside.forEach(row -> box.add(row.framed(width)));
        box.add(new Row().add("└" + bar + "┘"));
        return box;
    }
}
