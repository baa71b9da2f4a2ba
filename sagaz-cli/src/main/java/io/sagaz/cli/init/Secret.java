package io.sagaz.cli.init;

import java.security.SecureRandom;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A password of a deployment. It is made up when there is none, and never has a default. */
enum Secret {
    OWNER("sagaz_owner: migrations and partitions"),
    APP("sagaz_app: services and relays"),
    READER("sagaz_reader: dashboards"),
    REPLICATOR("sagaz_replicator: replicas"),
    POOLER("sagaz_pooler: PgBouncer, asking whether a password is right"),
    METRICS("sagaz_metrics: exporters and health checks"),
    PATRONI("patroni at the REST API of Patroni, for whoever changes something there"),
    CONSOLE("postgres on the consoles of the poolers; the superuser of the servers has no password"),
    GRAFANA("admin of Grafana");

    private static final Pattern ASSIGNMENT = Pattern.compile("(?m)^(\\s*\\w*(?:PASSWORD=|password: )).*$");
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Letters and digits only: the same in shells, URLs, connection strings and configuration files. */
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static final int LENGTH = 32;

    private final String purpose;

    Secret(String purpose) {
        this.purpose = purpose;
    }

    /** Its name in {@code .env}. */
    String variable() {
        return "SAGAZ_" + name() + "_PASSWORD";
    }

    /** The name of its file in the containers. */
    String file() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name of its Secret on Kubernetes. */
    String object() {
        // The one that services read has the name that they know it by.
        return this == APP ? "sagaz-db-credentials" : "sagaz-" + file();
    }

    /** Who logs in with it. */
    String role() {
        return this == CONSOLE ? "postgres" : "sagaz_" + file();
    }

    String purpose() {
        return purpose;
    }

    /** A new password: 190 bits of chance. */
    static String random() {
        return RANDOM.ints(LENGTH, 0, LETTERS.length())
                .mapToObj(i -> String.valueOf(LETTERS.charAt(i)))
                .collect(Collectors.joining());
    }

    /** A text without the values of the passwords that it assigns. */
    static String masked(String text) {
        return ASSIGNMENT.matcher(text).replaceAll("$1(hidden)");
    }
}
