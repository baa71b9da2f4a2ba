package io.sagaz.monitoring;

import static io.sagaz.monitoring.Dashboard.row;
import static io.sagaz.monitoring.Panel.lines;
import static io.sagaz.monitoring.Panel.now;

import io.sagaz.monitoring.Dashboard.Row;
import java.util.List;

/** The two poolers. */
final class PgBouncerDashboard {
    private PgBouncerDashboard() {}

    static Dashboard make() {
        return new Dashboard(
                "sagaz-pgbouncer-pools",
                "PgBouncer pools",
                "PgBouncer-RW before the primary and PgBouncer-RO before the replicas: who waits, and" + " for what.",
                List.of(atAGlance(), clients(), servers(), throughput()));
    }

    private static Row atAGlance() {
        return row(
                "Now",
                Panels.alerts(Rule.Area.PGBOUNCER),
                now("Poolers that answer", Unit.YES_NO, "Whether the exporter of each can log in.")
                        .query("min by (pool) (sagaz_pgbouncer_up{$here})", "{{pool}}")
                        .limits(1, 0.5),
                now("Clients that wait", Unit.NUMBER, "Clients that have asked and have no server connection yet.")
                        .query("sum by (pool) (sagaz_pgbouncer_waiting_connections{$here})", "{{pool}}")
                        .limits(1, 10),
                now("Longest wait", Unit.SECONDS, "Of the first client in a queue.")
                        .query("max by (pool) (sagaz_pgbouncer_longest_wait_seconds{$here})", "{{pool}}")
                        .limits(1, 5));
    }

    private static Row clients() {
        return row(
                "Clients",
                lines("Clients at work", Unit.NUMBER, "Clients that have a server connection, or need none now.")
                        .query("sum by (pool) (sagaz_pgbouncer_active_connections{$here})", "{{pool}}"),
                lines("Clients that wait", Unit.NUMBER, "More than a moment means that a pool is too small.")
                        .query("sum by (pool) (sagaz_pgbouncer_waiting_connections{$here})", "{{pool}}"),
                lines(
                                "Wait for each transaction",
                                Unit.SECONDS,
                                "How long a client waits for a server connection, on average.")
                        .query("""
                            sum by (pool) (sagaz_pgbouncer_wait_seconds:rate5m{$here})
                            / sum by (pool) (sagaz_pgbouncer_transactions:rate5m{$here} > 0)
                            """, "{{pool}}"),
                lines("Longest wait", Unit.SECONDS, "Of the first client in a queue.")
                        .query("max by (pool) (sagaz_pgbouncer_longest_wait_seconds{$here})", "{{pool}}")
                        .limits(1, 5));
    }

    private static Row servers() {
        return row(
                "Servers",
                lines(
                                "Pool in use",
                                Unit.SHARE,
                                "Server connections in use, of pool_size; of the fullest pooler of each pool."
                                        + " CloudNativePG does not tell the size.")
                        .query(
                                "max by (pool, database, user) (sagaz_pgbouncer_pool_saturation{$here})",
                                "{{pool}} {{database}} {{user}}")
                        .limits(0.7, 0.9),
                lines("Server connections", Unit.NUMBER, "In use, and ready.")
                        .query("sum by (pool) (sagaz_pgbouncer_server_active_connections{$here})", "{{pool}} in use")
                        .query("sum by (pool) (sagaz_pgbouncer_server_idle_connections{$here})", "{{pool}} ready"));
    }

    private static Row throughput() {
        return row(
                "Throughput",
                lines("Transactions", Unit.PER_SECOND, "Over five minutes.")
                        .query("sum by (pool) (sagaz_pgbouncer_transactions:rate5m{$here})", "{{pool}}"),
                lines("Queries", Unit.PER_SECOND, "Over five minutes.")
                        .query("sum by (pool) (sagaz_pgbouncer_queries:rate5m{$here})", "{{pool}}"),
                lines("From clients", Unit.BYTES_PER_SECOND, "Over five minutes.")
                        .query("sum by (pool) (sagaz_pgbouncer_received_bytes:rate5m{$here})", "{{pool}}"),
                lines("To clients", Unit.BYTES_PER_SECOND, "Over five minutes.")
                        .query("sum by (pool) (sagaz_pgbouncer_sent_bytes:rate5m{$here})", "{{pool}}"));
    }
}
