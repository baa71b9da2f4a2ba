package io.sagaz.cli.init;

import io.sagaz.monitoring.ScrapeTargets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What all kinds of deployments have in common: servers, poolers, and what they are told. Pure. */
final class Common {
    private static final List<Pooler> POOLERS = List.of(
            new Pooler("rw", 6432, "transaction", 200, 5, 3_600, 600),
            new Pooler("ro", 6433, "session", 300, 10, 7_200, 900));

    private static final String HAPROXY = "haproxy";
    private static final int TO_PRIMARY = 5000;
    private static final int TO_REPLICAS = 5001;

    private final Stack stack;
    private final String command;
    private final String tlsFiles;

    /**
     * Of this stack.
     *
     * @param command which makes the files, for whoever reads them
     * @param tlsFiles where servers and poolers find their certificates
     */
    Common(Stack stack, String command, String tlsFiles) {
        this.stack = stack;
        this.command = command;
        this.tlsFiles = tlsFiles;
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

    /** What templates may name of each pooler. */
    Map<String, Map<String, Object>> poolers() {
        Map<String, Map<String, Object>> values = new LinkedHashMap<>();
        for (Pooler pooler : POOLERS) {
            values.put(
                    pooler.name(),
                    Map.of(
                            "name", pooler.name(),
                            "kind", pooler.kind(),
                            "exporter", pooler.exporter(),
                            "port", pooler.port()));
        }
        return values;
    }

    /** Who tells how servers and poolers are. Services of one's own are added to the file. */
    ScrapeTargets scrapeTargets() {
        Map<String, String> servers = new LinkedHashMap<>();
        stack.servers().forEach(server -> servers.put(server.name(), exporter(server) + ":9187"));
        Map<String, String> poolers = new LinkedHashMap<>();
        POOLERS.forEach(pooler -> poolers.put(pooler.kind(), pooler.exporter() + ":9127"));
        return new ScrapeTargets(stack.value(Setting.PROJECT), servers, poolers, Map.of());
    }

    private static String exporter(Stack.Server server) {
        return server.name().replaceFirst("^postgres-", "postgres-exporter-");
    }

    /** What servers and poolers read. */
    List<PlannedFile> files() {
        Map<String, Object> values = values();
        String servers =
                stack.servers().stream().map(server -> server.host() + "\n").collect(Collectors.joining());
        return List.of(
                PlannedFile.open("postgres/servers", servers),
                PlannedFile.open("postgres/postgresql.conf", Templates.filled("postgres/postgresql.conf", values)),
                PlannedFile.open("postgres/pg_hba.conf", Templates.filled("postgres/pg_hba.conf", values)),
                PlannedFile.open("postgres/roles.sql", Templates.filled("postgres/roles.sql", values)),
                PlannedFile.open(
                        "postgres/start.sh",
                        Templates.text(stack.patroni() ? "patroni/start.sh" : "postgres/start.sh")),
                PlannedFile.open("postgres/health.sh", Templates.text("postgres/health.sh")),
                PlannedFile.open("pgbouncer/rw.ini", configuration(POOLERS.get(0))),
                PlannedFile.open("pgbouncer/ro.ini", configuration(POOLERS.get(1))),
                PlannedFile.open("pgbouncer/start.sh", Templates.text("pgbouncer/start.sh")),
                PlannedFile.open("pgbouncer/health.sh", Templates.text("pgbouncer/health.sh")));
    }

    /** What templates may name. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("command", command);
        values.put("project", stack.value(Setting.PROJECT));
        values.put("primary", values(stack.primary()));
        values.put("gate", stack.patroni() ? HAPROXY : stack.primary().name());
        values.put("gatePort", stack.patroni() ? TO_PRIMARY : 5432);
        values.put("toReplicas", TO_REPLICAS);
        values.put("servers", stack.servers().stream().map(this::values).toList());
        values.put("replicas", stack.replicas().stream().map(this::values).toList());
        int replicas = stack.replicas().size();
        values.put("replicaCount", replicas == 1 ? "one replica" : replicas + " replicas");
        values.put("poolers", List.copyOf(poolers().values()));
        values.put(
                "secrets",
                stack.secrets().stream()
                        .map(secret -> Map.of("name", secret.file(), "variable", secret.variable()))
                        .toList());
        values.put("patroni", stack.patroni());
        values.put("synchronous", stack.synchronous());
        values.put("strict", stack.strict());
        values.put("tls", stack.tls());
        values.put("tlsFiles", tlsFiles);
        values.put("home", stack.value(Setting.HOME));
        values.put("host", stack.tls() ? "hostssl" : "host   ");
        values.put("sslmode", stack.tls() ? Deployed.tls(tlsFiles + "/ca.crt") : "sslmode=disable");
        values.put("clientTls", Deployed.tls("tls/ca.crt"));
        values.put("budget", stack.budget());
        values.put("sharedBuffers", stack.value(Setting.SHARED_BUFFERS));
        values.put("slotWal", stack.value(Setting.SLOT_WAL));
        values.put("primaryPort", stack.value(stack.primary().portVariable()));
        values.put("rwPort", stack.value(Setting.RW_PORT));
        values.put("roPort", stack.value(Setting.RO_PORT));
        values.put("prometheusPort", stack.value(Setting.PROMETHEUS_PORT));
        values.put("grafanaPort", stack.value(Setting.GRAFANA_PORT));
        return values;
    }

    /** What templates may name of a server. */
    Map<String, Object> values(Stack.Server server) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", server.name());
        values.put("slot", server.slot());
        values.put("leads", server.leads());
        values.put("role", server.leads() ? "primary" : "replica");
        values.put("host", server.host());
        values.put("leader", stack.primary().name());
        values.put("published", "${" + server.portVariable() + ":?}");
        values.put("exporter", exporter(server));
        return values;
    }

    private String configuration(Pooler pooler) {
        return Templates.filled("pgbouncer/pgbouncer.ini", pooler(pooler.kind()));
    }

    /** What templates may name of the pooler of this kind: {@code rw} or {@code ro}. */
    Map<String, Object> pooler(String kind) {
        Pooler pooler = POOLERS.stream()
                .filter(each -> each.kind().equals(kind))
                .findFirst()
                .orElseThrow();
        boolean session = pooler.mode().equals("session");
        Budget.Pool pool = session ? stack.budget().ro() : stack.budget().rw();
        Map<String, Object> values = new LinkedHashMap<>(poolers().getOrDefault(pooler.name(), Map.of()));
        values.put(
                "title", pool.name() + ": " + (session ? "sessions, to the replicas" : "transactions, to the primary"));
        values.put("way", session ? toReplicas() : toPrimary());
        values.put("port", pooler.port());
        values.put("mode", pooler.mode());
        values.put("session", session);
        values.put("tls", stack.tls());
        values.put("tlsFiles", tlsFiles);
        values.put("clients", pooler.clients());
        values.put("connections", pool.each());
        values.put("each", pool.each());
        values.put("size", pool.size());
        values.put("least", Math.min(pooler.least(), pool.size()));
        values.put("reserve", pool.reserve());
        values.put("lifetime", pooler.lifetimeSeconds());
        values.put("idle", pooler.idleSeconds());
        return values;
    }

    /** Where the primary is found, as PgBouncer is told: with Patroni HAProxy knows which server leads. */
    private String toPrimary() {
        return stack.patroni()
                ? "host=" + HAPROXY + " port=" + TO_PRIMARY
                : "host=" + stack.primary().host() + " port=5432";
    }

    private String toReplicas() {
        return stack.patroni()
                ? "host=" + HAPROXY + " port=" + TO_REPLICAS
                : "host=" + stack.replicas().stream().map(Stack.Server::host).collect(Collectors.joining(","))
                        + " port=5432";
    }

    /** The {@code .env} that is there, else one with a word about each line; with the values of these settings. */
    EnvFile env(EnvFile there, Predicate<Setting> wanted) {
        Map<String, String> values = new LinkedHashMap<>(stack.values());
        for (Setting setting : Setting.values()) {
            if (!wanted.test(setting)) {
                values.remove(setting.variable());
            }
        }
        stack.servers().stream()
                .map(Stack.Server::portVariable)
                .filter(variable -> !wanted.test(Setting.REPLICA_PORT))
                .forEach(values::remove);
        return (there.text().isEmpty() ? blank(values.keySet()) : there).with(values);
    }

    private EnvFile blank(Set<String> names) {
        StringBuilder text = new StringBuilder(Templates.text("compose/env"));
        for (Setting setting : Setting.values()) {
            if (!names.contains(setting.variable())) {
                continue;
            }
            text.append("\n# ").append(setting.description()).append(' ').append(setting.option());
            text.append('\n').append(setting.variable()).append("=\n");
        }
        stack.servers().stream()
                .map(Stack.Server::portVariable)
                .filter(names::contains)
                .filter(variable -> text.indexOf("\n" + variable + "=") < 0)
                .forEach(variable -> text.append('\n').append(variable).append("=\n"));
        for (Secret secret : stack.secrets()) {
            text.append("\n# ").append(secret.purpose());
            text.append('\n').append(secret.variable()).append("=\n");
        }
        return EnvFile.of(text.toString());
    }
}
