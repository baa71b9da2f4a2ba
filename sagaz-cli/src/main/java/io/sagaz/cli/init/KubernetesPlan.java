package io.sagaz.cli.init;

import io.sagaz.monitoring.MonitoringFiles;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which files a deployment on Kubernetes has: one base, three overlays for kustomize ({@code raw}, {@code cnpg}, {@code external}),
 * the overlay raw once more in whole files for {@code kubectl apply -f}, and the passwords apart from all of them. Pure.
 */
final class KubernetesPlan {
    /** What only these files are told. */
    static final Set<Setting> ONLY = EnumSet.of(
            Setting.RO_PODS,
            Setting.STORAGE,
            Setting.MEMORY,
            Setting.POSTGRES_UID,
            Setting.PGBOUNCER_UID,
            Setting.SAGAZ_IMAGE,
            Setting.CNPG_IMAGE);
    /** Where there are many poolers, the pools of each are smaller, and servers have room for more. */
    static final Map<Setting, String> DEFAULTS = Map.of(
            Setting.PRIMARY, Stack.Naming.PODS.name(0),
            Setting.REPLICAS, "2",
            Setting.MAX_CONNECTIONS, "300",
            Setting.RW_POOL, "15",
            Setting.RO_POOL, "10",
            Setting.RO_RESERVE, "2");

    private static final Set<Setting> READ = EnumSet.of(
            Setting.PROJECT,
            Setting.REPLICAS,
            Setting.PRIMARY,
            Setting.TLS,
            Setting.HOME,
            Setting.MAX_CONNECTIONS,
            Setting.RW_POOL,
            Setting.RW_RESERVE,
            Setting.RO_POOL,
            Setting.RO_RESERVE,
            Setting.SHARED_BUFFERS,
            Setting.SLOT_WAL,
            Setting.POSTGRES_IMAGE,
            Setting.PGBOUNCER_IMAGE,
            Setting.JAVA_IMAGE,
            Setting.POSTGRES_EXPORTER_IMAGE,
            Setting.PGBOUNCER_EXPORTER_IMAGE);
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern LATEST = Pattern.compile(".*:latest|[^:@]*(:\\d+/[^:@]*)?");
    private static final String ALPINE_USER = "70";
    private static final int HASH = 8;

    private final Stack stack;
    private final Common common;
    private final Map<String, Object> values;

    private KubernetesPlan(Stack stack, String command) {
        this.stack = stack;
        common = new Common(stack, command, "/tls");
        values = common.values();
    }

    /**
     * The files.
     *
     * @param stack what they are to describe, with servers named as pods
     * @param there the {@code k8s/.env} that is there, whose lines are kept
     * @param command which made them, for whoever reads them
     * @throws IllegalArgumentException when a value that is right elsewhere is not right here
     */
    static List<PlannedFile> of(Stack stack, EnvFile there, String command) {
        check(stack);
        return new KubernetesPlan(stack, command).files(there);
    }

    private static void check(Stack stack) {
        String namespace = stack.value(Setting.PROJECT);
        if (!NAMESPACE.matcher(namespace).matches()) {
            throw new IllegalArgumentException(Setting.PROJECT.named()
                    + " is the namespace, and must be lower-case letters, digits and -, at most 63, but is "
                    + namespace);
        }
        if (stack.tls()) {
            throw new IllegalArgumentException(Setting.TLS.named() + " must be off for --k8s: no certificates are made"
                    + " for Kubernetes. The overlay cnpg encrypts what goes to the servers by itself");
        }
        for (Setting setting : Setting.values()) {
            boolean read = READ.contains(setting) || ONLY.contains(setting);
            String image = stack.value(setting);
            if (read && setting.label().equals("IMAGE") && LATEST.matcher(image).matches()) {
                throw new IllegalArgumentException(setting.named()
                        + " must have a tag or a digest, and not latest, which pods of one deployment would each"
                        + " understand in their own way, but is " + image);
            }
        }
        String image = stack.value(Setting.POSTGRES_IMAGE);
        String user = stack.value(Setting.POSTGRES_UID);
        if (image.contains("alpine") && !user.equals(ALPINE_USER)) {
            throw new IllegalArgumentException(Setting.POSTGRES_UID.named() + " is " + user + ", but in " + image
                    + " the user postgres is " + ALPINE_USER + ": give that");
        }
        if (2 * bytes(stack.value(Setting.SHARED_BUFFERS)) > bytes(stack.value(Setting.MEMORY))) {
            throw new IllegalArgumentException(Setting.SHARED_BUFFERS.named() + " must be at most half of "
                    + Setting.MEMORY.named() + ", of which sessions need the rest, but is "
                    + stack.value(Setting.SHARED_BUFFERS) + " of " + stack.value(Setting.MEMORY));
        }
    }

    /** A size of PostgreSQL, or a quantity of Kubernetes; both count in 1024s. */
    private static double bytes(String size) {
        String unit = size.replaceFirst("\\d+", "");
        double number = Double.parseDouble(size.substring(0, size.length() - unit.length()));
        return number * Math.pow(1_024, "kMGT".indexOf(unit.charAt(0)) + 1);
    }

    private List<PlannedFile> files(EnvFile there) {
        Map<String, String> postgres = postgresFiles();
        Map<String, String> pgbouncer = pgbouncerFiles();
        values.put("namespace", namespace());
        List<String> replicas =
                stack.replicas().stream().map(Stack.Server::name).toList();
        values.put("heir", replicas.get(0));
        values.put("others", replicas.subList(1, replicas.size()));
        values.put("serverCount", stack.servers().size());
        values.put("storage", stack.value(Setting.STORAGE));
        values.put("memory", stack.value(Setting.MEMORY));
        values.put("postgresUid", stack.value(Setting.POSTGRES_UID));
        values.put("pgbouncerUid", stack.value(Setting.PGBOUNCER_UID));
        values.put("postgresImage", stack.value(Setting.POSTGRES_IMAGE));
        values.put("pgbouncerImage", stack.value(Setting.PGBOUNCER_IMAGE));
        values.put("postgresExporterImage", stack.value(Setting.POSTGRES_EXPORTER_IMAGE));
        values.put("pgbouncerExporterImage", stack.value(Setting.PGBOUNCER_EXPORTER_IMAGE));
        values.put("javaImage", stack.value(Setting.JAVA_IMAGE));
        values.put("sagazImage", stack.value(Setting.SAGAZ_IMAGE));
        values.put("cnpgImage", stack.value(Setting.CNPG_IMAGE));
        values.put("migrateJob", "sagaz-migrate-" + hash(stack.value(Setting.SAGAZ_IMAGE)));
        values.put("postgresFilesHash", hash(postgres.toString()));
        values.put("pgbouncerFilesHash", hash(pgbouncer.toString()));
        values.put(
                "serverSecrets",
                secrets(Secret.OWNER, Secret.APP, Secret.READER, Secret.REPLICATOR, Secret.POOLER, Secret.METRICS));
        values.put("poolerSecrets", secrets(Secret.POOLER, Secret.METRICS, Secret.CONSOLE));

        String base = documents(
                filled("base/namespace.yaml"),
                monitoring(),
                filled("base/migrate.yaml"),
                filled("base/partitions.yaml"));
        String servers = documents(configMap("postgresql-files", Map.of(), postgres), filled("raw/postgresql.yaml"));
        String poolers =
                documents(configMap("pgbouncer-files", Map.of(), pgbouncer), pooler("raw", "rw"), pooler("raw", "ro"));

        List<PlannedFile> files = new ArrayList<>();
        files.add(open("SAGAZ.md", filled("SAGAZ.md")));
        files.add(PlannedFile.secret(
                "k8s/.env",
                common.env(there, setting -> READ.contains(setting) || ONLY.contains(setting))
                        .text()));
        files.add(PlannedFile.once("k8s/.gitignore", ".env\nsecrets.yaml\n"));
        files.add(PlannedFile.secret("k8s/secrets.yaml", passwords(true)));
        files.add(open("secrets-example.yaml", passwords(false)));
        files.add(open("postgresql-ha.yaml", documents(rendered(), base, servers)));
        files.add(open("pgbouncer.yaml", documents(rendered(), poolers)));
        files.add(open("image/Containerfile", filled("Containerfile")));
        files.add(open("base/kustomization.yaml", filled("base/kustomization.yaml")));
        files.add(open("base/namespace.yaml", filled("base/namespace.yaml")));
        files.add(open("base/migrate.yaml", filled("base/migrate.yaml")));
        files.add(open("base/partitions.yaml", filled("base/partitions.yaml")));
        files.add(open("base/monitoring.yaml", monitoring()));
        files.add(open("overlays/raw/kustomization.yaml", filled("raw/kustomization.yaml")));
        files.add(open("overlays/raw/postgresql-ha.yaml", servers));
        files.add(open("overlays/raw/pgbouncer.yaml", poolers));
        files.add(open("components/podmonitors/kustomization.yaml", filled("raw-podmonitor/kustomization.yaml")));
        files.add(open("components/podmonitors/podmonitors.yaml", filled("raw-podmonitor/podmonitors.yaml")));
        files.add(open("overlays/cnpg/kustomization.yaml", filled("cnpg/kustomization.yaml")));
        files.add(open("overlays/cnpg/cluster.yaml", filled("cnpg/cluster.yaml")));
        files.add(open("overlays/cnpg/poolers.yaml", documents(pooler("cnpg", "rw"), pooler("cnpg", "ro"))));
        files.add(open("overlays/cnpg/podmonitors.yaml", filled("cnpg/podmonitors.yaml")));
        files.add(open("overlays/external/kustomization.yaml", filled("external/kustomization.yaml")));
        files.add(PlannedFile.once("k8s/overlays/external/database.env", filled("external/database.env")));
        return List.copyOf(files);
    }

    private static PlannedFile open(String path, String text) {
        return PlannedFile.open("k8s/" + path, text);
    }

    private String namespace() {
        return stack.value(Setting.PROJECT);
    }

    private String filled(String template) {
        return Templates.filled("kubernetes/" + template, values);
    }

    private String rendered() {
        return "# Made by: " + values.get("command") + "\n"
                + "# The overlay raw in one piece. One primary, and NO automatic failover: when it is lost, a human promotes a"
                + " replica\n# (SAGAZ.md). Passwords first: kubectl apply -f k8s/secrets.yaml\n";
    }

    /** What is mounted into the pods of the servers. */
    private Map<String, String> postgresFiles() {
        Map<String, String> files = shared("postgres/");
        for (String script : List.of("pod.sh", "ready.sh", "alive.sh", "stop.sh")) {
            files.put(script, Templates.text("kubernetes/postgres/" + script));
        }
        files.put("leader", stack.primary().name() + "\n");
        return files;
    }

    /** What is mounted into the pods of the poolers. */
    private Map<String, String> pgbouncerFiles() {
        Map<String, String> files = shared("pgbouncer/");
        files.put("drain.sh", Templates.text("kubernetes/pgbouncer/drain.sh"));
        return files;
    }

    private Map<String, String> shared(String folder) {
        Map<String, String> files = new TreeMap<>();
        common.files().stream()
                .filter(file -> file.path().startsWith(folder))
                .forEach(file -> files.put(file.path().substring(folder.length()), file.text()));
        return files;
    }

    private String pooler(String overlay, String kind) {
        Map<String, Object> ofPooler = new LinkedHashMap<>(values);
        ofPooler.putAll(common.pooler(kind));
        boolean session = kind.equals("ro");
        ofPooler.put("pods", Stack.RW_PODS);
        ofPooler.put("mostPods", stack.value(Setting.RO_PODS));
        // The next pod is let in when the last is gone.
        int grace = session ? 120 : 30;
        ofPooler.put("graceSeconds", grace);
        ofPooler.put("readySeconds", grace + 10);
        return Templates.filled("kubernetes/" + overlay + "/pooler.yaml", ofPooler);
    }

    private String monitoring() {
        Map<String, String> all = MonitoringFiles.all(common.scrapeTargets(), MonitoringFiles.RUNBOOKS);
        Map<String, String> rules = new TreeMap<>();
        all.forEach((path, text) -> {
            if (path.startsWith("rules/")) {
                rules.put(path.substring("rules/".length()), text);
            }
        });
        return documents(
                configMap("sagaz-prometheus-rules", Map.of(), rules),
                configMap(
                        "sagaz-exporter-queries",
                        Map.of("cnpg.io/reload", "true"),
                        Map.of("queries.yml", all.getOrDefault("exporter/queries.yml", ""))));
    }

    private List<Map<String, String>> secrets(Secret... secrets) {
        return List.of(secrets).stream()
                .map(secret -> Map.of("secret", secret.object(), "file", secret.file()))
                .toList();
    }

    private String passwords(boolean filled) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        all.put(
                "head",
                filled
                        ? "# Made by sagaz init from k8s/.env: passwords. Keep it to yourself, and out of version control."
                        : "# What secrets.yaml is like, for whoever makes it by other means. Without passwords nothing starts.");
        all.put(
                "secrets",
                stack.secrets().stream()
                        .filter(secret -> secret != Secret.GRAFANA)
                        .map(secret -> Map.of(
                                "name", secret.object(),
                                "role", secret.role(),
                                "purpose", secret.purpose(),
                                "password", filled ? stack.value(secret.variable()) : ""))
                        .toList());
        return Templates.filled("kubernetes/secrets.yaml", all);
    }

    private String configMap(String name, Map<String, String> labels, Map<String, String> files) {
        StringBuilder text = new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ").append(name);
        text.append("\n  namespace: ").append(namespace());
        text.append("\n  labels:\n    app.kubernetes.io/part-of: sagaz\n");
        labels.forEach((label, value) ->
                text.append("    ").append(label).append(": \"").append(value).append("\"\n"));
        text.append("data:\n");
        new TreeMap<>(files).forEach((file, content) -> {
            text.append("  ").append(file).append(": |\n");
            content.lines()
                    .forEach(line ->
                            text.append(line.isEmpty() ? "" : "    " + line).append('\n'));
        });
        return text.toString();
    }

    private static String documents(String... documents) {
        return String.join("---\n", documents);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
