package io.sagaz.monitoring;

import static io.sagaz.monitoring.Dashboard.row;
import static io.sagaz.monitoring.Panel.lines;
import static io.sagaz.monitoring.Panel.now;

import io.sagaz.monitoring.Dashboard.Row;
import java.util.List;

/** Servers and replication, as the primary sees it. */
final class PostgresDashboard {
    private PostgresDashboard() {}

    static Dashboard make() {
        return new Dashboard(
                "sagaz-postgresql-ha",
                "PostgreSQL HA",
                "The primary, its replicas, and what keeps them together.",
                List.of(atAGlance(), replication(), slotsAndLog(), load()));
    }

    private static Row atAGlance() {
        return row(
                "Now",
                Panels.alerts(Rule.Area.POSTGRES),
                now("Primaries", Unit.NUMBER, "Servers that take writes. One is right.")
                        .query("count(sagaz_db_server_in_recovery{$here} == 0) or vector(0)", "primaries")
                        .limits(2, 2),
                now(
                                "Replicas that do not stream",
                                Unit.NUMBER,
                                "Servers that are scraped, but the primary, less the standbys that stream.")
                        .query(
                                "count(up{job='sagaz-postgres', $here}) - 1 - sum(sagaz_db_server_standbys{$here})",
                                "missing")
                        .limits(1, 1),
                now("Servers that answer", Unit.YES_NO, "Whether the exporter beside each can log in.")
                        .query("sagaz_db_up{$here}", "{{server}}")
                        .limits(1, 0.5));
    }

    private static Row replication() {
        return row(
                "Replication, by the primary's word",
                lines(
                                "Log not replayed yet",
                                Unit.BYTES,
                                "What the primary has written and a standby does not show. It grows while replay is"
                                        + " paused or held up by a query, or nothing arrives.")
                        .query("sagaz_db_standby_unreplayed_bytes{$here}", "{{standby}}"),
                lines(
                                "Log not sent yet",
                                Unit.BYTES,
                                "What the primary could not hand to a standby: the network, or a standby that is too"
                                        + " slow to take it.")
                        .query("sagaz_db_standby_unsent_bytes{$here}", "{{standby}}"),
                lines(
                                "Behind what was written 30 seconds ago",
                                Unit.BYTES,
                                "0 as long as a standby is less than 30 seconds behind; that is what"
                                        + " SagazReplicaLagging goes by.")
                        .query("""
                            clamp_min(max by (cluster) (
                                sagaz_db_server_wal_position_bytes{$here} offset 30s)
                              - on (cluster) group_right ()
                                sagaz_db_standby_replayed_bytes{$here}, 0)
                            """, "{{standby}}"),
                lines(
                                "From commit to replay",
                                Unit.SECONDS,
                                "How long the last commits took until a standby showed them. It stays as it was while"
                                        + " replay stands still: see the panel before.")
                        .query("sagaz_db_standby_replay_seconds{$here}", "{{standby}}"),
                lines(
                                "Staleness, as stores prove it",
                                Unit.SECONDS,
                                "The upper bound by which a store decides whether a replica may answer. Nothing while"
                                        + " it is unknown or nobody reads.")
                        .query("max by (replica) (" + Meters.REPLICATION_LAG + "{$here} < +Inf)", "{{replica}}")
                        .limits(30, 120));
    }

    private static Row slotsAndLog() {
        return row(
                "Slots and log",
                lines("Log kept for a slot", Unit.BYTES, "It fills the disk while nobody reads from the slot.")
                        .query("sagaz_db_slot_retained_bytes{$here}", "{{slot}}"),
                lines(
                                "Log on disk",
                                Unit.BYTES,
                                "Size of pg_wal. Against max_wal_size it is high after a burst, or when slots or an"
                                        + " archive keep it.")
                        .query("sagaz_db_server_wal_bytes{$here}", "{{server}}"),
                lines(
                                "Log written",
                                Unit.BYTES_PER_SECOND,
                                "How fast the end of the log moves; of a standby, what it replays.")
                        .query("rate(sagaz_db_server_wal_position_bytes{$here}[$__rate_interval])", "{{server}}"),
                lines(
                                "Who keeps dead rows",
                                Unit.NUMBER,
                                "How many transactions the oldest of each kind looks back: sessions, standbys with"
                                        + " hot_standby_feedback, slots, prepared transactions.")
                        .query("max by (kind) (sagaz_db_horizon_transactions{$here})", "{{kind}}"));
    }

    private static Row load() {
        return row(
                "Load",
                lines("Transactions", Unit.PER_SECOND, "Commits on each server; on a standby, reads.")
                        .query("rate(sagaz_db_server_commits_total{$here}[$__rate_interval])", "{{server}}"),
                lines(
                                "What went wrong",
                                Unit.PER_SECOND,
                                "Rollbacks, deadlocks, and queries that a standby ended because its replay had to go"
                                        + " on.")
                        .query("rate(sagaz_db_server_rollbacks_total{$here}[$__rate_interval])", "{{server}} rollbacks")
                        .query("rate(sagaz_db_server_deadlocks_total{$here}[$__rate_interval])", "{{server}} deadlocks")
                        .query(
                                "rate(sagaz_db_server_conflicts_total{$here}[$__rate_interval])",
                                "{{server}} conflicts"),
                lines("Size", Unit.BYTES, "Of the database.")
                        .query("sagaz_db_server_database_bytes{$here}", "{{server}}"),
                lines("Connections", Unit.SHARE, "Of those that max_connections allows.")
                        .query(
                                "sagaz_db_server_connections{$here} / sagaz_db_server_max_connections{$here}",
                                "{{server}}")
                        .limits(0.8, 0.9),
                lines("Oldest transaction", Unit.SECONDS, "How long the oldest transaction of a client has been open.")
                        .query("sagaz_db_server_oldest_transaction_seconds{$here}", "{{server}}")
                        .limits(600, 1800),
                lines("Found in memory", Unit.SHARE, "Share of blocks that were in the shared buffers.")
                        .query("""
                            rate(sagaz_db_server_blocks_hit_total{$here}[$__rate_interval])
                            / (rate(sagaz_db_server_blocks_hit_total{$here}[$__rate_interval])
                              + rate(sagaz_db_server_blocks_read_total{$here}[$__rate_interval]))
                            """, "{{server}}"),
                lines(
                                "Oldest transaction id",
                                Unit.NUMBER,
                                "Age of the oldest id that is not frozen: autovacuum sees to it from 200 million on,"
                                        + " and at 2 billion writes stop.")
                        .query("sagaz_db_server_oldest_xid_age{$here}", "{{server}}")
                        .limits(500_000_000, 1_000_000_000));
    }
}
