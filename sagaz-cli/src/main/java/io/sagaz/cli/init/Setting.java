package io.sagaz.cli.init;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a deployment can be told: by an option, else by {@code .env}, where a later init finds it, else by a default. */
enum Setting {
    PROJECT("COMPOSE_PROJECT_NAME", "--project", "NAME", "sagaz", "Name of the deployment."),
    FAILOVER(
            "SAGAZ_FAILOVER",
            "--failover",
            "none|patroni",
            "none",
            "Who promotes a replica when the primary is lost: nobody, or Patroni with etcd (Compose only)."),
    REPLICAS(
            "SAGAZ_REPLICAS",
            "--replicas",
            "N",
            "1",
            "How many replicas, 1 to " + Stack.MOST_REPLICAS + "; with Patroni 2 if not said."),
    PRIMARY(
            "SAGAZ_PRIMARY",
            "--primary",
            "SERVER",
            "postgres-primary",
            "Which server leads. After a failover: another."),
    SYNCHRONOUS(
            "SAGAZ_SYNCHRONOUS",
            "--synchronous",
            "on|off|strict",
            "on",
            "With Patroni: whether a commit waits for a replica. on: while there is one; strict: else nobody writes."),
    TLS(
            "SAGAZ_TLS",
            "--tls",
            "on|off",
            "off",
            "Encrypt everything and let nobody in without it; tls/make.sh makes the certificates."),
    HOME(
            "SAGAZ_HOME",
            "--sagaz-home",
            "FOLDER",
            null,
            "The folder with the jar of Sagaz, whose migrations are applied."),

    PRIMARY_PORT(
            "SAGAZ_PRIMARY_PORT",
            "--primary-port",
            "PORT",
            "5432",
            "The primary (with Patroni the first server), on 127.0.0.1."),
    REPLICA_PORT(
            "SAGAZ_REPLICA_PORT",
            "--replica-port",
            "PORT",
            "5433",
            "The first replica (with Patroni the second server), on 127.0.0.1; further ones follow it."),
    RW_PORT("SAGAZ_RW_PORT", "--rw-port", "PORT", "6432", "PgBouncer-RW, on 127.0.0.1."),
    RO_PORT("SAGAZ_RO_PORT", "--ro-port", "PORT", "6433", "PgBouncer-RO, on 127.0.0.1."),
    PROMETHEUS_PORT("SAGAZ_PROMETHEUS_PORT", "--prometheus-port", "PORT", "9090", "Prometheus, on 127.0.0.1."),
    GRAFANA_PORT("SAGAZ_GRAFANA_PORT", "--grafana-port", "PORT", "3000", "Grafana, on 127.0.0.1."),

    MAX_CONNECTIONS(
            "SAGAZ_MAX_CONNECTIONS", "--max-connections", "N", "200", "How many connections each PostgreSQL takes."),
    RW_POOL("SAGAZ_RW_POOL", "--rw-pool", "N", "25", "Server connections of PgBouncer-RW for each role."),
    RW_RESERVE("SAGAZ_RW_RESERVE", "--rw-reserve", "N", "5", "More of them when clients wait."),
    RO_POOL("SAGAZ_RO_POOL", "--ro-pool", "N", "50", "Server connections of PgBouncer-RO for each role."),
    RO_RESERVE("SAGAZ_RO_RESERVE", "--ro-reserve", "N", "10", "More of them when clients wait."),
    SHARED_BUFFERS("SAGAZ_SHARED_BUFFERS", "--shared-buffers", "SIZE", "256MB", "shared_buffers of each PostgreSQL."),
    SLOT_WAL(
            "SAGAZ_SLOT_WAL",
            "--slot-wal",
            "SIZE",
            "4GB",
            "WAL that the primary keeps for a replica that is away; behind that it is cloned anew."),
    RO_PODS("SAGAZ_RO_PODS", "--ro-pods", "N", "10", "Kubernetes: how many pods PgBouncer-RO may grow to, 2 to 50."),
    STORAGE("SAGAZ_STORAGE", "--storage", "SIZE", "20Gi", "Kubernetes: the volume of each PostgreSQL."),
    MEMORY("SAGAZ_MEMORY", "--memory", "SIZE", "1Gi", "Kubernetes: the memory of each PostgreSQL."),
    POSTGRES_UID(
            "SAGAZ_POSTGRES_UID",
            "--postgres-uid",
            "UID",
            "999",
            "Kubernetes: the number of the user postgres in the image of PostgreSQL: 999 of Debian's, 70 of Alpine's."),
    PGBOUNCER_UID(
            "SAGAZ_PGBOUNCER_UID",
            "--pgbouncer-uid",
            "UID",
            "70",
            "Kubernetes: the number of the user postgres in the image of PgBouncer."),

    POSTGRES_IMAGE("SAGAZ_POSTGRES_IMAGE", "--postgres-image", "IMAGE", "postgres:18", "PostgreSQL 14 to 18."),
    PATRONI_IMAGE(
            "SAGAZ_PATRONI_IMAGE",
            "--patroni-image",
            "IMAGE",
            "sagaz-patroni:18",
            "PostgreSQL and Patroni 4; Compose builds it of the one of PostgreSQL if there is none."),
    ETCD_IMAGE("SAGAZ_ETCD_IMAGE", "--etcd-image", "IMAGE", "quay.io/coreos/etcd:v3.5.16", "etcd 3.4 or later."),
    HAPROXY_IMAGE("SAGAZ_HAPROXY_IMAGE", "--haproxy-image", "IMAGE", "haproxy:3.0", "HAProxy 2.4 or later, and bash."),
    PGBOUNCER_IMAGE(
            "SAGAZ_PGBOUNCER_IMAGE",
            "--pgbouncer-image",
            "IMAGE",
            "edoburu/pgbouncer:v1.25.1-p0",
            "PgBouncer 1.24 or later, and psql."),
    JAVA_IMAGE(
            "SAGAZ_JAVA_IMAGE", "--java-image", "IMAGE", "eclipse-temurin:21-jre", "Java 17 or later, for migrations."),
    SAGAZ_IMAGE(
            "SAGAZ_IMAGE",
            "--sagaz-image",
            "IMAGE",
            "sagaz-cli:local",
            "Kubernetes: Java and the jar of Sagaz; made by k8s/image/Containerfile."),
    CNPG_IMAGE(
            "SAGAZ_CNPG_IMAGE",
            "--cnpg-image",
            "IMAGE",
            "ghcr.io/cloudnative-pg/postgresql:18.6-system-trixie",
            "Kubernetes: PostgreSQL for CloudNativePG."),
    POSTGRES_EXPORTER_IMAGE(
            "SAGAZ_POSTGRES_EXPORTER_IMAGE",
            "--postgres-exporter-image",
            "IMAGE",
            "quay.io/prometheuscommunity/postgres-exporter:v0.17.1",
            "postgres_exporter."),
    PGBOUNCER_EXPORTER_IMAGE(
            "SAGAZ_PGBOUNCER_EXPORTER_IMAGE",
            "--pgbouncer-exporter-image",
            "IMAGE",
            "quay.io/prometheuscommunity/pgbouncer-exporter:v0.10.2",
            "pgbouncer_exporter."),
    PROMETHEUS_IMAGE(
            "SAGAZ_PROMETHEUS_IMAGE", "--prometheus-image", "IMAGE", "prom/prometheus:v2.53.3", "Prometheus 2 or 3."),
    GRAFANA_IMAGE("SAGAZ_GRAFANA_IMAGE", "--grafana-image", "IMAGE", "grafana/grafana:11.4.0", "Grafana.");

    private static final Set<Setting> PATRONI = EnumSet.of(SYNCHRONOUS, PATRONI_IMAGE, ETCD_IMAGE, HAPROXY_IMAGE);

    private static final Set<Setting> SIZES = EnumSet.range(MAX_CONNECTIONS, SLOT_WAL);

    private static final Set<Setting> KUBERNETES =
            EnumSet.of(RO_PODS, STORAGE, MEMORY, POSTGRES_UID, PGBOUNCER_UID, SAGAZ_IMAGE, CNPG_IMAGE);

    private final String variable;
    private final String option;
    private final String label;
    private final Optional<String> standard;
    private final String description;

    Setting(String variable, String option, String label, @Nullable String standard, String description) {
        this.variable = variable;
        this.option = option;
        this.label = label;
        this.standard = Optional.ofNullable(standard);
        this.description = description;
    }

    /** Whether it says something about Patroni, or what comes with it. */
    boolean isOfPatroni() {
        return PATRONI.contains(this);
    }

    /** Under which heading help shows it. */
    Topic topic() {
        if (isOfPatroni()) {
            return Topic.PATRONI;
        }
        if (KUBERNETES.contains(this)) {
            return Topic.KUBERNETES;
        }
        if (label.equals("PORT")) {
            return Topic.PORTS;
        }
        if (label.equals("IMAGE")) {
            return Topic.IMAGES;
        }
        return SIZES.contains(this) ? Topic.SIZES : Topic.DEPLOYMENT;
    }

    /** What settings are about, in the order of help. */
    enum Topic {
        DEPLOYMENT("What is made:"),
        PORTS("Ports on 127.0.0.1 (Compose, hosts):"),
        SIZES("Connections, memory, log:"),
        PATRONI("With --failover patroni (Compose):"),
        KUBERNETES("With --k8s:"),
        IMAGES("Images (Compose, Kubernetes):");

        private final String heading;

        Topic(String heading) {
            this.heading = heading;
        }

        String heading() {
            return heading;
        }
    }

    /** Its name in {@code .env}. */
    String variable() {
        return variable;
    }

    String option() {
        return option;
    }

    String label() {
        return label;
    }

    Optional<String> standard() {
        return standard;
    }

    String description() {
        return description;
    }

    /** How messages name it. */
    String named() {
        return option + " (" + variable + ")";
    }
}
