package io.sagaz.monitoring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Where Prometheus finds what it scrapes. Immutable. Each server has an exporter of its own, so that one that is gone is missed.
 *
 * @param cluster becomes the label {@code cluster}: one for each set of servers that replicate to each other
 * @param servers addresses ({@code host:port}) of postgres_exporter; their keys become the label of that name, in the singular
 * @param poolers addresses of pgbouncer_exporter; their keys become the label {@code pool}
 * @param services addresses of the instances of each service that has a store or a relay; their keys become the label of that
 *     name, in the singular
 */
public record ScrapeTargets(
        String cluster, Map<String, String> servers, Map<String, String> poolers, Map<String, List<String>> services) {
    /**
     * Checks.
     *
     * @throws IllegalArgumentException if there is no server, no pooler or an address without a port
     */
    public ScrapeTargets {
        Objects.requireNonNull(cluster, "ScrapeTargets.cluster");
        servers = ordered(servers);
        poolers = ordered(poolers);
        services = ordered(services);
        if (servers.isEmpty() || poolers.isEmpty()) {
            throw new IllegalArgumentException("ScrapeTargets needs at least one server and one pooler, but has "
                    + servers.keySet() + " and " + poolers.keySet());
        }
        servers.values().forEach(ScrapeTargets::requireAddress);
        poolers.values().forEach(ScrapeTargets::requireAddress);
        services.values().forEach(addresses -> addresses.forEach(ScrapeTargets::requireAddress));
    }

    /** The names of a Compose stack with one replica, and a service at {@code service:8000}. */
    public static ScrapeTargets ofCompose() {
        Map<String, String> servers = new LinkedHashMap<>();
        servers.put("postgres-primary", "postgres-exporter-primary:9187");
        servers.put("postgres-replica", "postgres-exporter-replica:9187");
        Map<String, String> poolers = new LinkedHashMap<>();
        poolers.put("rw", "pgbouncer-exporter-rw:9127");
        poolers.put("ro", "pgbouncer-exporter-ro:9127");
        return new ScrapeTargets("sagaz", servers, poolers, Map.of("service", List.of("service:8000")));
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    private static void requireAddress(String address) {
        if (!address.matches("[^/\\s]+:\\d{1,5}")) {
            throw new IllegalArgumentException(
                    "ScrapeTargets has addresses such as postgres-exporter:9187, but one is " + address);
        }
    }
}
