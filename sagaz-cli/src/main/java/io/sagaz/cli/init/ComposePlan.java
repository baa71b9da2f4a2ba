package io.sagaz.cli.init;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Which files a deployment on Docker Compose has. Pure. */
final class ComposePlan {
    private static final List<Pooler> POOLERS = List.of(
            new Pooler("rw", 6432, "transaction", 200, 5, 3_600, 600),
            new Pooler("ro", 6433, "session", 300, 10, 7_200, 900));

    private final Stack stack;
    private final EnvFile there;
    private final Path folder;
    private final String command;

    private ComposePlan(Stack stack, EnvFile there, Path folder, String command) {
        this.stack = stack;
        this.folder = folder;
        this.there = there;
        this.command = command;
    }

    /** What the two poolers differ in. */
    private record Pooler(
            String kind, int port, String mode, int clients, int least, int lifetimeSeconds, int idleSeconds) {
        String name() {
            return "pgbouncer-" + kind;
        }

        String exporter() {
            return "pgbouncer-exporter-" + kind;
        }
    }

    /**
     * The files.
     *
     * @param stack what they are to describe
     * @param there the {@code .env} that is there, whose lines are kept
     * @param folder where they will be
     * @param command which made them, for whoever reads them
     */
    static List<PlannedFile> of(Stack stack, EnvFile there, Path folder, String command) {
        return new ComposePlan(stack, there, folder, command).files();
    }

    private List<PlannedFile> files() {
        List<PlannedFile> files = new ArrayList<>();
        files.add(PlannedFile.open("compose.yaml", Templates.filled("compose/compose.yaml", values())));
        files.add(PlannedFile.open("README.md", Templates.filled("compose/README.md", values())));
        files.add(PlannedFile.secret(".env", env().with(stack.values()).text()));
        files.add(PlannedFile.secret("sagaz.env", operatorEnvironment()));
        files.add(PlannedFile.open(".gitignore", ".env\nsagaz.env\ntls/*.key\n"));
        files.add(PlannedFile.open(
                "postgres/servers",
                stack.servers().stream().map(server -> server.name() + "\n").collect(Collectors.joining())));
        files.add(PlannedFile.open("postgres/postgresql.conf", Templates.filled("postgres/postgresql.conf", values())));
        files.add(PlannedFile.open("postgres/pg_hba.conf", Templates.filled("postgres/pg_hba.conf", values())));
        files.add(PlannedFile.open("postgres/roles.sql", Templates.filled("postgres/roles.sql", values())));
        files.add(PlannedFile.open("postgres/start.sh", Templates.text("postgres/start.sh")));
        files.add(PlannedFile.open("postgres/health.sh", Templates.text("postgres/health.sh")));
        for (Pooler pooler : POOLERS) {
            files.add(PlannedFile.open("pgbouncer/" + pooler.kind() + ".ini", configuration(pooler)));
        }
        files.add(PlannedFile.open("pgbouncer/start.sh", Templates.text("pgbouncer/start.sh")));
        files.add(PlannedFile.open("pgbouncer/health.sh", Templates.text("pgbouncer/health.sh")));
        files.add(
                PlannedFile.open("monitoring/prometheus.yml", Templates.filled("monitoring/prometheus.yml", values())));
        files.add(PlannedFile.open(
                "monitoring/grafana/datasources/sagaz.yml", Templates.text("monitoring/datasource.yml")));
        files.add(
                PlannedFile.open("monitoring/grafana/dashboards/sagaz.yml", Templates.text("monitoring/provider.yml")));
        if (stack.tls()) {
            files.add(PlannedFile.open("tls/make.sh", Templates.filled("tls/make.sh", values())));
        }
        return files;
    }

    private Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("command", command);
        values.put("project", stack.value(Setting.PROJECT));
        values.put("primary", server(stack.primary()));
        values.put("servers", stack.servers().stream().map(this::server).toList());
        values.put("replicas", stack.replicas().stream().map(this::server).toList());
        int replicas = stack.replicas().size();
        values.put("replicaCount", replicas == 1 ? "one replica" : replicas + " replicas");
        values.put(
                "poolers",
                POOLERS.stream()
                        .map(pooler -> Map.of(
                                "name",
                                pooler.name(),
                                "kind",
                                pooler.kind(),
                                "exporter",
                                pooler.exporter(),
                                "port",
                                pooler.port()))
                        .toList());
        values.put(
                "secrets",
                Arrays.stream(Secret.values())
                        .map(secret -> Map.of("name", secret.file(), "variable", secret.variable()))
                        .toList());
        values.put("tls", stack.tls());
        values.put("host", stack.tls() ? "hostssl" : "host   ");
        values.put("sslmode", stack.tls() ? "sslmode=verify-full&sslrootcert=/tls/ca.crt" : "sslmode=disable");
        values.put("clientTls", Deployed.tls("tls/ca.crt"));
        values.put("budget", stack.budget());
        values.put("sharedBuffers", stack.value(Setting.SHARED_BUFFERS));
        values.put("slotWal", stack.value(Setting.SLOT_WAL));
        values.put("primaryPort", port(stack.primary()));
        values.put("rwPort", stack.value(Setting.RW_PORT));
        values.put("roPort", stack.value(Setting.RO_PORT));
        values.put("prometheusPort", stack.value(Setting.PROMETHEUS_PORT));
        values.put("grafanaPort", stack.value(Setting.GRAFANA_PORT));
        return values;
    }

    private Map<String, Object> server(Stack.Server server) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", server.name());
        values.put("slot", server.slot());
        values.put("leads", server.leads());
        values.put("role", server.leads() ? "primary" : "replica");
        values.put("leader", stack.primary().name());
        values.put("published", "${" + server.portVariable() + ":?}");
        values.put("exporter", server.name().replaceFirst("^postgres-", "postgres-exporter-"));
        return values;
    }

    private String configuration(Pooler pooler) {
        boolean session = pooler.mode().equals("session");
        Budget.Pool pool = session ? stack.budget().ro() : stack.budget().rw();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put(
                "title", pool.name() + ": " + (session ? "sessions, to the replicas" : "transactions, to the primary"));
        values.put(
                "hosts",
                session
                        ? stack.replicas().stream().map(Stack.Server::name).collect(Collectors.joining(","))
                        : stack.primary().name());
        values.put("port", pooler.port());
        values.put("mode", pooler.mode());
        values.put("session", session);
        values.put("tls", stack.tls());
        values.put("clients", pooler.clients());
        values.put("connections", pool.connections());
        values.put("size", pool.size());
        values.put("least", Math.min(pooler.least(), pool.size()));
        values.put("reserve", pool.reserve());
        values.put("lifetime", pooler.lifetimeSeconds());
        values.put("idle", pooler.idleSeconds());
        return Templates.filled("pgbouncer/pgbouncer.ini", values);
    }

    /** The {@code .env} that is there, else an empty one with a word about each line. */
    private EnvFile env() {
        if (!there.text().isEmpty()) {
            return there;
        }
        StringBuilder text = new StringBuilder(Templates.text("compose/env"));
        for (Setting setting : Setting.values()) {
            text.append("\n# ").append(setting.description()).append(' ').append(setting.option());
            text.append('\n').append(setting.variable()).append("=\n");
        }
        stack.servers().stream()
                .map(Stack.Server::portVariable)
                .filter(variable -> text.indexOf("\n" + variable + "=") < 0)
                .forEach(variable -> text.append('\n').append(variable).append("=\n"));
        for (Secret secret : Secret.values()) {
            text.append("\n# ").append(secret.purpose());
            text.append('\n').append(secret.variable()).append("=\n");
        }
        return EnvFile.of(text.toString());
    }

    /** Where everything is, for the commands of {@code sagaz}. */
    private String operatorEnvironment() {
        Map<String, String> lines = new LinkedHashMap<>();
        Deployed ways = Deployed.of(stack, folder);
        lines.put("SAGAZ_STORAGE_URL", ways.rw());
        lines.put("SAGAZ_ANALYTICS_URL", ways.ro());
        lines.put("SAGAZ_PRIMARY_URL", ways.primary());
        lines.put("SAGAZ_REPLICA_URLS", '"' + String.join(" ", ways.replicas()) + '"');
        lines.put(
                "SAGAZ_PGBOUNCER_URLS",
                '"' + ways.rw().replace("/sagaz?", "/pgbouncer?") + " "
                        + ways.ro().replaceFirst("/sagaz(\\?|$)", "/pgbouncer$1") + '"');
        lines.put("SAGAZ_DB_USER", "sagaz_owner");
        lines.put("SAGAZ_DB_PASSWORD", stack.value(Secret.OWNER.variable()));
        lines.put("SAGAZ_PGBOUNCER_USER", "postgres");
        lines.put("SAGAZ_PGBOUNCER_PASSWORD", stack.value(Secret.CONSOLE.variable()));
        return "# For sagaz … --env-file sagaz.env. Made by sagaz init, from .env.\n"
                + lines.entrySet().stream()
                        .map(line -> line.getKey() + "=" + line.getValue() + "\n")
                        .collect(Collectors.joining());
    }

    private String port(Stack.Server server) {
        return stack.value(server.portVariable());
    }
}
