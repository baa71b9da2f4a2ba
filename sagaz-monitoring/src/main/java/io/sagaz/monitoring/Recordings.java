package io.sagaz.monitoring;

import io.sagaz.monitoring.Rule.Recording;
import java.util.ArrayList;
import java.util.List;

/**
 * One name for what exporters call by several: those of pgbouncer_exporter and of CloudNativePG, whose instances put {@code
 * cnpg_} before the names of our queries. Dashboards and alerts know only the names that stand here.
 */
final class Recordings {
    private static final String OURS = "database!=\"pgbouncer\"";

    private Recordings() {}

    /** Metrics of our queries as CloudNativePG exports them. */
    static List<Recording> ofCloudNativePg() {
        List<Recording> rules = new ArrayList<>();
        rules.add(new Recording("sagaz_db_up", "pg_up or cnpg_collector_up"));
        ExporterQueries.metrics().forEach(metric -> rules.add(new Recording(metric, "cnpg_" + metric)));
        return rules;
    }

    /** Metrics of poolers. */
    static List<Recording> ofPoolers() {
        return List.of(
                new Recording("sagaz_pgbouncer_up", "pgbouncer_up or (1 - cnpg_pgbouncer_last_collection_error)"),
                sum("sagaz_pgbouncer_active_connections", pools("client_active_connections", "cl_active")),
                sum("sagaz_pgbouncer_waiting_connections", pools("client_waiting_connections", "cl_waiting")),
                new Recording(
                        "sagaz_pgbouncer_longest_wait_seconds",
                        ("max by (cluster, pool, database) (pgbouncer_pools_client_maxwait_seconds{%s} or"
                                        + " (cnpg_pgbouncer_pools_maxwait{%s} + cnpg_pgbouncer_pools_maxwait_us{%s} / 1e6))")
                                .formatted(OURS, OURS, OURS)),
                sum("sagaz_pgbouncer_server_active_connections", pools("server_active_connections", "sv_active")),
                sum("sagaz_pgbouncer_server_idle_connections", pools("server_idle_connections", "sv_idle")),
                // Of each pooler and user: the size is theirs, and one that is full does not take from another.
                new Recording("sagaz_pgbouncer_pool_saturation", """
                    max by (cluster, pool, database, user) (
                      pgbouncer_pools_server_active_connections{%s}
                      / on (cluster, pool, instance, database) group_left ()
                      label_replace(pgbouncer_databases_pool_size{name!="pgbouncer"}, "database", "$1", "name", "(.*)"))
                    """.strip().formatted(OURS)),
                rate("sagaz_pgbouncer_transactions:rate5m", "sql_transactions_pooled_total", "total_xact_count", ""),
                rate("sagaz_pgbouncer_queries:rate5m", "queries_pooled_total", "total_query_count", ""),
                rate("sagaz_pgbouncer_wait_seconds:rate5m", "client_wait_seconds_total", "total_wait_time", " / 1e6"),
                rate("sagaz_pgbouncer_received_bytes:rate5m", "received_bytes_total", "total_received", ""),
                rate("sagaz_pgbouncer_sent_bytes:rate5m", "sent_bytes_total", "total_sent", ""));
    }

    private static String pools(String metric, String ofCloudNativePg) {
        return "pgbouncer_pools_%s{%s} or cnpg_pgbouncer_pools_%s{%s}".formatted(metric, OURS, ofCloudNativePg, OURS);
    }

    private static Recording sum(String name, String expression) {
        return new Recording(name, "sum by (cluster, pool, database) (" + expression + ")");
    }

    private static Recording rate(String name, String metric, String ofCloudNativePg, String inUnit) {
        // The second is the name since pgbouncer_exporter 0.12.
        return sum(
                name,
                ("rate(pgbouncer_stats_%1$s{%2$s}[5m]) or rate(pgbouncer_stats_totals_%1$s{%2$s}[5m])"
                                + " or rate(cnpg_pgbouncer_stats_%3$s{%2$s}[5m])%4$s")
                        .formatted(metric, OURS, ofCloudNativePg, inUnit));
    }
}
