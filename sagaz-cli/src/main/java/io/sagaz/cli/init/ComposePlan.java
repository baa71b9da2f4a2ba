package io.sagaz.cli.init;

import io.sagaz.monitoring.MonitoringFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which files a deployment on Docker Compose has. Pure. */
final class ComposePlan {
    private ComposePlan() {}

    /**
     * The files.
     *
     * @param stack what they are to describe
     * @param there the {@code .env} that is there, whose lines are kept
     * @param folder where they will be
     * @param command which made them, for whoever reads them
     */
    static List<PlannedFile> of(Stack stack, EnvFile there, Path folder, String command) {
        Common common = new Common(stack, command, "/tls");
        Map<String, Object> values = common.values();
        List<PlannedFile> files = new ArrayList<>();
        files.add(PlannedFile.open("compose.yaml", Templates.filled("compose/compose.yaml", values)));
        files.add(PlannedFile.open(
                "SAGAZ.md", Templates.filled(stack.patroni() ? "patroni/SAGAZ.md" : "compose/SAGAZ.md", values)));
        files.add(PlannedFile.secret(
                ".env",
                common.env(there, setting -> stack.has(setting) && !KubernetesPlan.ONLY.contains(setting))
                        .text()));
        files.add(PlannedFile.secret("sagaz.env", operatorEnvironment(stack, folder)));
        files.add(PlannedFile.once(".gitignore", ".env\nsagaz.env\ntls/*.key\n"));
        files.addAll(common.files());
        if (stack.patroni()) {
            files.add(PlannedFile.open("postgres/patroni.yml", Templates.filled("patroni/patroni.yml", values)));
            files.add(PlannedFile.open("postgres/bootstrap.sh", Templates.text("patroni/bootstrap.sh")));
            files.add(PlannedFile.open("patroni/Dockerfile", Templates.text("patroni/Dockerfile")));
            files.add(PlannedFile.open("haproxy/haproxy.cfg", Templates.filled("patroni/haproxy.cfg", values)));
            files.add(PlannedFile.open("haproxy/health.sh", Templates.text("patroni/health.sh")));
        }
        MonitoringFiles.all(common.scrapeTargets(), MonitoringFiles.RUNBOOKS)
                .forEach((path, text) -> files.add(PlannedFile.open("monitoring/" + path, text)));
        if (stack.tls()) {
            files.add(PlannedFile.open("tls/make.sh", Templates.filled("tls/make.sh", values)));
        }
        return List.copyOf(files);
    }

    /**
     * What a deployment that runs with Patroni must be told besides, for Patroni reads these settings at its first start only.
     *
     * @param there the {@code .env} that was there
     */
    static List<String> forPatroni(Stack stack, EnvFile there) {
        boolean made = there.get(Secret.OWNER.variable()).isPresent();
        List<String> changed = Stream.of(Setting.MAX_CONNECTIONS, Setting.SYNCHRONOUS)
                .filter(setting -> made && stack.patroni())
                .filter(setting -> !there.get(setting.variable()).equals(Optional.of(stack.value(setting))))
                .map(setting -> setting == Setting.MAX_CONNECTIONS
                        ? "-p max_connections=" + stack.budget().maxConnections()
                        : "-s synchronous_mode=" + stack.synchronous() + " -s synchronous_mode_strict="
                                + stack.strict())
                .toList();
        if (changed.isEmpty()) {
            return List.of();
        }
        String patronictl = "docker compose exec " + stack.primary().name() + " patronictl ";
        return List.of(
                patronictl + "edit-config --force " + String.join(" ", changed),
                patronictl + "restart " + stack.value(Setting.PROJECT) + " --force --pending");
    }

    /** Where everything is, for the commands of {@code sagaz}. */
    private static String operatorEnvironment(Stack stack, Path folder) {
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
}
