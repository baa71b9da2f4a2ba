package io.sagaz.monitoring;

import java.util.List;

/**
 * What only the database knows, for the exporter beside each server. None of it needs the superuser: the exporter's role is a
 * member of {@code pg_monitor}, and {@code grant_sagaz_reader} was called for it. What stands in tables is asked of the primary
 * alone.
 */
final class ExporterQueries {
    private ExporterQueries() {}

    static List<ExporterQuery> all() {
        return List.of(
                server(),
                standby(),
                slot(),
                horizon(),
                partitions(),
                partition(),
                maintenance(),
                outbox(),
                unfinished(),
                outcomes(),
                durations());
    }

    /** The names of all metrics. */
    static List<String> metrics() {
        return all().stream().flatMap(query -> query.metrics().stream()).toList();
    }

    private static ExporterQuery server() {
        return ExporterQuery.of("sagaz_db_server", 1, """
            SELECT pg_is_in_recovery()::int AS in_recovery,
                CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'
                    AS wal_position_bytes,
                (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL) AS standbys,
                (SELECT coalesce(sum(size), 0) FROM pg_ls_waldir()) AS wal_bytes,
                (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
                current_setting('max_connections')::int AS max_connections,
                (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
                    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS oldest_transaction_seconds,
                (SELECT max(age(datfrozenxid)) FROM pg_database) AS oldest_xid_age,
                pg_database_size(current_database()) AS database_bytes,
                d.xact_commit AS commits_total, d.xact_rollback AS rollbacks_total, d.deadlocks AS deadlocks_total,
                d.conflicts AS conflicts_total, d.blks_read AS blocks_read_total, d.blks_hit AS blocks_hit_total
            FROM pg_stat_database d WHERE d.datname = current_database()
            """)
                .gauge("in_recovery", "Whether it is a standby: 1, or 0 for a primary")
                .gauge("wal_position_bytes", "Where its log ends; of a standby, how far it has replayed")
                .gauge("standbys", "Standbys that stream from it")
                .gauge("wal_bytes", "Size of its log on disk")
                .gauge("connections", "Connections of clients")
                .gauge("max_connections", "How many connections there may be")
                .gauge("oldest_transaction_seconds", "How long the oldest transaction has been open")
                .gauge("oldest_xid_age", "Age of the oldest transaction id that is not frozen")
                .gauge("database_bytes", "Size of the database")
                .counter("commits_total", "Transactions that were committed")
                .counter("rollbacks_total", "Transactions that were rolled back")
                .counter("deadlocks_total", "Deadlocks")
                .counter("conflicts_total", "Queries that a standby ended because of its replay")
                .counter("blocks_read_total", "Blocks that were not in the shared buffers")
                .counter("blocks_hit_total", "Blocks that were in the shared buffers");
    }

    /** Standbys of one name and address are one: a label has no place for a process. */
    private static ExporterQuery standby() {
        return ExporterQuery.of("sagaz_db_standby", 1, """
            SELECT coalesce(nullif(r.application_name, ''), 'unnamed') AS standby, coalesce(host(r.client_addr), 'local') AS address,
                min(r.replay_lsn - '0/0') AS replayed_bytes,
                max(h.here - r.sent_lsn) AS unsent_bytes,
                max(h.here - r.replay_lsn) AS unreplayed_bytes,
                coalesce(max(extract(epoch FROM r.replay_lag)), 0) AS replay_seconds
            FROM pg_stat_replication r
            CROSS JOIN (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END) h (here)
            WHERE r.state <> 'backup' AND r.replay_lsn IS NOT NULL
            GROUP BY 1, 2
            """)
                .label("standby", "Its application_name")
                .label("address", "Where it connects from")
                .gauge("replayed_bytes", "How far it has replayed, as it told the primary")
                .gauge("unsent_bytes", "Log that was not sent to it yet")
                .gauge("unreplayed_bytes", "Log that it has not replayed yet")
                .gauge("replay_seconds", "How long the last commit that it replayed took to there");
    }

    private static ExporterQuery slot() {
        return ExporterQuery.of("sagaz_db_slot", 1, """
            SELECT s.slot_name::text AS slot, s.active::int AS active,
                coalesce(h.here - s.restart_lsn, 0) AS retained_bytes,
                coalesce(s.safe_wal_size::float8, 'NaN') AS left_bytes,
                (coalesce(s.wal_status, '') = 'lost')::int AS lost
            FROM pg_replication_slots s
            CROSS JOIN (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END) h (here)
            WHERE NOT s.temporary
            """)
                .label("slot", "Its name")
                .gauge("active", "Whether somebody reads from it")
                .gauge("retained_bytes", "Log that is kept for it")
                .gauge("left_bytes", "Log that may still be written before it is given up; not a number if it never is")
                .gauge("lost", "Whether log that it needs is gone");
    }

    private static ExporterQuery horizon() {
        return ExporterQuery.of("sagaz_db_horizon", 15, """
            SELECT lower(k.kind) AS kind, coalesce(max(h.transactions), 0) AS transactions
            FROM (VALUES ('SESSION'), ('STANDBY'), ('SLOT'), ('PREPARED')) k (kind)
            LEFT JOIN sagaz_vacuum_horizon h ON h.kind = k.kind
            WHERE NOT pg_is_in_recovery()
            GROUP BY k.kind
            """)
                .label("kind", "session, standby, slot or prepared")
                .gauge("transactions", "How far back it keeps dead rows from being removed");
    }

    private static ExporterQuery partitions() {
        return ExporterQuery.of("sagaz_db_partitions", 30, """
            SELECT p.table_name, p.partition_count AS attached, p.total_size_bytes AS bytes, p.expired_count AS expired,
                p.detached_count AS detached,
                coalesce(extract(epoch FROM p.writable_until - now()), 0) AS writable_seconds
            FROM get_partition_statistics() p WHERE NOT pg_is_in_recovery()
            """)
                .label("table_name", "The partitioned table")
                .gauge("attached", "Its partitions")
                .gauge("bytes", "Its size, with indexes")
                .gauge("expired", "Partitions that are older than they must be kept")
                .gauge("detached", "Partitions that are out of the table and not gone yet")
                .gauge("writable_seconds", "How long rows can be written without another partition");
    }

    private static ExporterQuery partition() {
        return ExporterQuery.of("sagaz_db_partition", 60, """
            SELECT p.table_name, p.partition_name, p.total_bytes AS bytes, p.estimated_rows AS rows
            FROM sagaz_partition_sizes p WHERE NOT pg_is_in_recovery()
            """)
                .label("table_name", "The partitioned table")
                .label("partition_name", "The partition")
                .gauge("bytes", "Its size, with indexes")
                .gauge("rows", "Its rows, as estimated");
    }

    private static ExporterQuery maintenance() {
        return ExporterQuery.of("sagaz_db_maintenance", 30, """
            SELECT extract(epoch FROM clock_timestamp() - c.seen_at) AS age_seconds,
                (sagaz_doubt_of_time() IS NOT NULL)::int AS doubt
            FROM partition_clock c WHERE NOT pg_is_in_recovery()
            """)
                .gauge("age_seconds", "Time since partitions were maintained")
                .gauge("doubt", "Whether it is in doubt what time it is, so that nothing is taken away");
    }

    private static ExporterQuery outbox() {
        return ExporterQuery.of("sagaz_db_outbox", 15, """
            SELECT coalesce(d.relay_name, 'none') AS relay, d.unpublished, coalesce(d.oldest_seconds, 0) AS oldest_seconds,
                d.parked, d.dead_letters,
                coalesce(extract(epoch FROM clock_timestamp() - d.last_seen_at)::float8, 'NaN') AS unseen_seconds
            FROM sagaz_outbox_depth d WHERE NOT pg_is_in_recovery()
            """)
                .label("relay", "The relay; none if none was ever there")
                .gauge("unpublished", "Events that are not published; of one that is far behind 100000 are looked at")
                .gauge("oldest_seconds", "Age of the oldest of them")
                .gauge("parked", "Events to be tried again, and those behind them")
                .gauge("dead_letters", "Events that were given up")
                .gauge("unseen_seconds", "Time since an instance of the relay was at work");
    }

    private static ExporterQuery unfinished() {
        return ExporterQuery.of("sagaz_db_saga", 30, """
            SELECT s.saga_name, s.status, count(*) AS unfinished, max(s.duration_seconds) AS oldest_seconds,
                count(*) FILTER (WHERE s.lease_until < now()) AS abandoned
            FROM sagaz_sagas s
            WHERE s.unfinished AND s.created_at >= now() - interval '13 months' AND NOT pg_is_in_recovery()
            GROUP BY s.saga_name, s.status
            """)
                .label("saga_name", "Kind of the sagas")
                .label("status", "PENDING, RUNNING or COMPENSATING")
                .gauge("unfinished", "Sagas with work left")
                .gauge("oldest_seconds", "Age of the oldest of them")
                .gauge("abandoned", "Those whose worker's lease has run out");
    }

    private static ExporterQuery outcomes() {
        return ExporterQuery.of("sagaz_db_saga_outcome", 15, """
            SELECT o.saga_name, e.outcome, e.sagas AS last_5m
            FROM sagaz_saga_outcomes(now() - interval '5 minutes', now()) o
            CROSS JOIN LATERAL (VALUES ('success', o.succeeded), ('failed', o.failed), ('compensated', o.compensated))
                e (outcome, sagas)
            WHERE NOT pg_is_in_recovery()
            """)
                .label("saga_name", "Kind of the sagas")
                .label("outcome", "success, failed or compensated")
                .gauge("last_5m", "Sagas that ended so in the last five minutes");
    }

    private static ExporterQuery durations() {
        return ExporterQuery.of("sagaz_db_saga_duration", 15, """
            SELECT o.saga_name, d.p50_seconds, d.p95_seconds, d.p99_seconds
            FROM sagaz_saga_outcomes(now() - interval '5 minutes', now()) o
            CROSS JOIN LATERAL sagaz_saga_durations(now() - interval '5 minutes', now(), NULL, o.saga_name) d
            WHERE NOT pg_is_in_recovery()
            """)
                .label("saga_name", "Kind of the sagas")
                .gauge("p50_seconds", "How long half of those that ended in the last five minutes took at most")
                .gauge("p95_seconds", "How long 95 % of them took at most")
                .gauge("p99_seconds", "How long 99 % of them took at most");
    }
}
