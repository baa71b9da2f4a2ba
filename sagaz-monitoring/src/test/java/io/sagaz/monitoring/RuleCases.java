package io.sagaz.monitoring;

import java.util.List;

/** For each alert a situation in which it fires, and one close to that in which it does not. */
final class RuleCases {
    private static final String P = "cluster=\"c\", instance=\"p:9187\", job=\"sagaz-postgres\", server=\"p\"";
    private static final String R = "cluster=\"c\", instance=\"r:9187\", job=\"sagaz-postgres\", server=\"r\"";
    private static final String B = "cluster=\"c\", instance=\"b:9127\", job=\"sagaz-pgbouncer\", pool=\"rw\"";
    private static final String S = "cluster=\"c\", instance=\"s:8000\", job=\"sagaz-service\", service=\"shop\"";
    private static final String STANDBY = P + ", address=\"10.0.0.2\", standby=\"r\"";
    private static final String SLOT = P + ", slot=\"r\"";
    private static final String TABLE = P + ", table_name=\"saga_outbox\"";
    private static final String RELAY = P + ", relay=\"kafka\"";
    private static final String POSITION = "sagaz_db_server_wal_position_bytes{" + P + "}";
    private static final String REPLAYED = "sagaz_db_standby_replayed_bytes{" + STANDBY + "}";
    private static final String WRITES = "sagaz_store_writes_seconds_count{" + S + ", operation=\"apply\", outcome=\"";

    private RuleCases() {}

    static List<RuleCase> all() {
        return List.of(
                // Servers and replication.
                RuleCase.of("SagazServerDown", "the server is gone, its exporter is not")
                        .given("pg_up{" + P + "}", "1x3 0x20")
                        .firesAt("5m", P, "0"),
                RuleCase.of("SagazServerDown", "as CloudNativePG tells it")
                        .given("cnpg_collector_up{" + P + "}", "1x3 0x20")
                        .firesAt("5m", P, "0"),
                RuleCase.of("SagazServerDown", "a restart of 30 seconds")
                        .given("pg_up{" + P + "}", "1x3 0 0 1x20")
                        .silentAt("3m"),
                RuleCase.of("SagazTargetMissing", "an exporter is gone")
                        .given("up{" + B + "}", "0x20")
                        .firesAt("6m", B, "0"),
                RuleCase.of("SagazTargetMissing", "a target of others is gone")
                        .given("up{cluster=\"c\", instance=\"x:1\", job=\"others\"}", "0x20")
                        .silentAt("6m"),
                RuleCase.of("SagazNoPrimary", "both are standbys")
                        .given("up{" + P + "}", "1x20")
                        .given("up{" + R + "}", "1x20")
                        .given("sagaz_db_server_in_recovery{" + P + "}", "0x3 1x20")
                        .given("sagaz_db_server_in_recovery{" + R + "}", "1x20")
                        .firesAt("5m", "cluster=\"c\"", "2"),
                RuleCase.of("SagazNoPrimary", "the primary is gone, with its exporter's metrics")
                        .given("up{" + P + "}", "1x40")
                        .given("up{" + R + "}", "1x40")
                        .given("sagaz_db_server_in_recovery{" + P + "}", "0x3 stale")
                        .given("sagaz_db_server_in_recovery{" + R + "}", "1x40")
                        .firesAt("5m", "cluster=\"c\"", "2"),
                RuleCase.of("SagazNoPrimary", "a switchover of 30 seconds")
                        .given("up{" + P + "}", "1x20")
                        .given("sagaz_db_server_in_recovery{" + P + "}", "0x3 1x20")
                        .given("sagaz_db_server_in_recovery{" + R + "}", "1x4 0x20")
                        .silentAt("5m"),
                RuleCase.of("SagazSeveralPrimaries", "the old one came back")
                        .given("sagaz_db_server_in_recovery{" + P + "}", "0x20")
                        .given("sagaz_db_server_in_recovery{" + R + "}", "1x3 0x20")
                        .firesAt("5m", "cluster=\"c\"", "2"),
                RuleCase.of("SagazSeveralPrimaries", "one in each of two clusters")
                        .given("sagaz_db_server_in_recovery{" + P + "}", "0x20")
                        .given("sagaz_db_server_in_recovery{cluster=\"d\", server=\"p\"}", "0x20")
                        .silentAt("5m"),
                RuleCase.of("SagazNoReplica", "nobody streams")
                        .given("up{" + P + "}", "1x20")
                        .given("up{" + R + "}", "1x20")
                        .given("sagaz_db_server_standbys{" + P + "}", "1x3 0x20")
                        .firesAt("5m", "cluster=\"c\"", "0"),
                RuleCase.of("SagazNoReplica", "there is to be none")
                        .given("up{" + P + "}", "1x20")
                        .given("sagaz_db_server_standbys{" + P + "}", "0x20")
                        .silentAt("5m"),
                RuleCase.of("SagazReplicaMissing", "one of two does not stream, though it answers")
                        .given("up{" + P + "}", "1x20")
                        .given("up{" + R + "}", "1x20")
                        .given("up{cluster=\"c\", instance=\"q:9187\", job=\"sagaz-postgres\", server=\"q\"}", "1x20")
                        .given("sagaz_db_server_standbys{" + P + "}", "2x3 1x20")
                        .given("sagaz_db_server_standbys{" + R + "}", "0x20")
                        .firesAt("5m", "cluster=\"c\"", "2"),
                RuleCase.of("SagazReplicaMissing", "one streams from the other")
                        .given("up{" + P + "}", "1x20")
                        .given("up{" + R + "}", "1x20")
                        .given("up{cluster=\"c\", instance=\"q:9187\", job=\"sagaz-postgres\", server=\"q\"}", "1x20")
                        .given("sagaz_db_server_standbys{" + P + "}", "1x20")
                        .given("sagaz_db_server_standbys{" + R + "}", "1x20")
                        .silentAt("5m"),
                RuleCase.of("SagazReplicaLagging", "replay stands still while the primary writes")
                        .given(POSITION, "0+1048576x20")
                        .given(REPLAYED, "0+1048576x3 3145728x16")
                        .firesAt("5m", STANDBY, "6Mi"),
                RuleCase.of("SagazReplicaLagging", "replay stands still and nothing is written")
                        .given(POSITION, "1048576x20")
                        .given(REPLAYED, "1048576x20")
                        .silentAt("5m"),
                RuleCase.of("SagazReplicaLagging", "always 30 seconds late, and no more")
                        .given(POSITION, "0+1048576x20")
                        .given(REPLAYED, "0 0+1048576x19")
                        .silentAt("5m"),
                RuleCase.of("SagazReplicaFarBehind", "replay stands still while the primary writes")
                        .given(POSITION, "0+1048576x30")
                        .given(REPLAYED, "0+1048576x3 3145728x26")
                        .firesAt("10m", STANDBY, "13Mi"),
                RuleCase.of("SagazReplicaFarBehind", "always a minute and a half late")
                        .given(POSITION, "0+1048576x30")
                        .given(REPLAYED, "0 0 0 0+1048576x27")
                        .silentAt("10m"),
                RuleCase.of("SagazSlotInactive", "the replica does not come back")
                        .given("sagaz_db_slot_active{" + SLOT + "}", "1x3 0x20")
                        .firesAt("8m", SLOT, "0"),
                RuleCase.of("SagazSlotInactive", "the replica was restarted")
                        .given("sagaz_db_slot_active{" + SLOT + "}", "1x3 0x4 1x20")
                        .silentAt("8m"),
                RuleCase.of("SagazSlotNearLimit", "nine tenths are used up")
                        .given("sagaz_db_slot_retained_bytes{" + SLOT + "}", "9e9x20")
                        .given("sagaz_db_slot_left_bytes{" + SLOT + "}", "1e9x20")
                        .firesAt("5m", SLOT, "90%"),
                RuleCase.of("SagazSlotNearLimit", "there is no limit")
                        .given("sagaz_db_slot_retained_bytes{" + SLOT + "}", "9e9x20")
                        .given("sagaz_db_slot_left_bytes{" + SLOT + "}", "NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN")
                        .silentAt("5m"),
                RuleCase.of("SagazSlotLost", "the log is gone")
                        .given("sagaz_db_slot_lost{" + SLOT + "}", "0x3 1x5")
                        .firesAt("3m", SLOT, "1"),
                RuleCase.of("SagazSlotLost", "the log is there")
                        .given("sagaz_db_slot_lost{" + SLOT + "}", "0x9")
                        .silentAt("3m"),
                RuleCase.of("SagazConnectionsNearLimit", "19 of 20 are used")
                        .given("sagaz_db_server_connections{" + P + "}", "190x20")
                        .given("sagaz_db_server_max_connections{" + P + "}", "200x20")
                        .firesAt("6m", P, "95%"),
                RuleCase.of("SagazConnectionsNearLimit", "17 of 20 are used")
                        .given("sagaz_db_server_connections{" + P + "}", "170x20")
                        .given("sagaz_db_server_max_connections{" + P + "}", "200x20")
                        .silentAt("6m"),
                RuleCase.of("SagazTransactionOpenLong", "for an hour")
                        .given("sagaz_db_server_oldest_transaction_seconds{" + P + "}", "3600x9")
                        .firesAt("2m", P, "1h 0m 0s"),
                RuleCase.of("SagazTransactionOpenLong", "for half an hour")
                        .given("sagaz_db_server_oldest_transaction_seconds{" + P + "}", "1800x9")
                        .silentAt("2m"),
                RuleCase.of("SagazVacuumHeldBack", "by a standby")
                        .given("sagaz_db_horizon_transactions{" + P + ", kind=\"standby\"}", "2e7x40")
                        .firesAt("16m", P + ", kind=\"standby\"", "20M"),
                RuleCase.of("SagazVacuumHeldBack", "by a busy night")
                        .given("sagaz_db_horizon_transactions{" + P + ", kind=\"session\"}", "9e6x40")
                        .silentAt("16m"),
                RuleCase.of("SagazTransactionIdsRunOut", "half are used up")
                        .given("sagaz_db_server_oldest_xid_age{" + P + "}", "1.5e9x30")
                        .firesAt("11m", P, "1.5G"),
                RuleCase.of("SagazTransactionIdsRunOut", "autovacuum is at it")
                        .given("sagaz_db_server_oldest_xid_age{" + P + "}", "2.1e8x30")
                        .silentAt("11m"),
                // Poolers.
                RuleCase.of("SagazPoolerDown", "it does not answer")
                        .given("pgbouncer_up{" + B + "}", "1x3 0x20")
                        .firesAt("5m", B, "0"),
                RuleCase.of("SagazPoolerDown", "as CloudNativePG tells it")
                        .given("cnpg_pgbouncer_last_collection_error{" + B + "}", "0x3 1x20")
                        .firesAt("5m", B, "0"),
                RuleCase.of("SagazPoolerDown", "it answers")
                        .given("pgbouncer_up{" + B + "}", "1x20")
                        .given("cnpg_pgbouncer_last_collection_error{" + B + "}", "0x20")
                        .silentAt("5m"),
                RuleCase.of("SagazPoolNearlyFull", "24 of 25 are used")
                        .given(
                                "pgbouncer_pools_server_active_connections{" + B + ", database=\"shop\", user=\"app\"}",
                                "24x20")
                        .given("pgbouncer_databases_pool_size{" + B + ", name=\"shop\", database=\"sagaz\"}", "25x20")
                        .firesAt("6m", "cluster=\"c\", pool=\"rw\", database=\"shop\", user=\"app\"", "96%"),
                RuleCase.of("SagazPoolNearlyFull", "two users have half each")
                        .given(
                                "pgbouncer_pools_server_active_connections{" + B + ", database=\"shop\", user=\"app\"}",
                                "12x20")
                        .given(
                                "pgbouncer_pools_server_active_connections{" + B + ", database=\"shop\", user=\"job\"}",
                                "12x20")
                        .given("pgbouncer_databases_pool_size{" + B + ", name=\"shop\", database=\"sagaz\"}", "25x20")
                        .silentAt("6m"),
                RuleCase.of("SagazPoolQueue", "for ten seconds")
                        .given(
                                "pgbouncer_pools_client_maxwait_seconds{" + B + ", database=\"shop\", user=\"app\"}",
                                "10x9")
                        .firesAt("2m", "cluster=\"c\", pool=\"rw\", database=\"shop\"", "10s"),
                RuleCase.of("SagazPoolQueue", "as CloudNativePG tells it")
                        .given("cnpg_pgbouncer_pools_maxwait{" + B + ", database=\"shop\", user=\"app\"}", "9x9")
                        .given(
                                "cnpg_pgbouncer_pools_maxwait_us{" + B + ", database=\"shop\", user=\"app\"}",
                                "500000x9")
                        .firesAt("2m", "cluster=\"c\", pool=\"rw\", database=\"shop\"", "9.5s"),
                RuleCase.of("SagazPoolQueue", "on the console")
                        .given(
                                "pgbouncer_pools_client_maxwait_seconds{" + B + ", database=\"pgbouncer\", user=\"x\"}",
                                "10x9")
                        .silentAt("2m"),
                // Partitions.
                RuleCase.of("SagazPartitionsEnd", "twelve hours are left")
                        .given("sagaz_db_partitions_writable_seconds{" + TABLE + "}", "43200x20")
                        .firesAt("6m", TABLE, "12h 0m 0s"),
                RuleCase.of("SagazPartitionsEnd", "two days are left")
                        .given("sagaz_db_partitions_writable_seconds{" + TABLE + "}", "172800x20")
                        .silentAt("6m"),
                RuleCase.of("SagazPartitionsMissing", "two days are left")
                        .given("sagaz_db_partitions_writable_seconds{" + TABLE + "}", "172800x80")
                        .firesAt("31m", TABLE, "2d 0h 0m 0s"),
                RuleCase.of("SagazPartitionsMissing", "six days are left")
                        .given("sagaz_db_partitions_writable_seconds{" + TABLE + "}", "518400x80")
                        .silentAt("31m"),
                RuleCase.of("SagazPartitionMaintenanceFailing", "once")
                        .given("sagaz_partition_maintenance_errors_total{" + S + "}", "0x10 1x50")
                        .firesAt("10m", "cluster=\"c\", service=\"shop\"", ""),
                RuleCase.of("SagazPartitionMaintenanceFailing", "two hours ago")
                        .given("sagaz_partition_maintenance_errors_total{" + S + "}", "0 1x10")
                        .silentAt("2h"),
                RuleCase.of("SagazPartitionMaintenanceOverdue", "for three days")
                        .given("sagaz_db_maintenance_age_seconds{" + P + "}", "259200x40")
                        .firesAt("11m", P, "3d 0h 0m 0s"),
                RuleCase.of("SagazPartitionMaintenanceOverdue", "a daily job that is an hour late")
                        .given("sagaz_db_maintenance_age_seconds{" + P + "}", "90000x40")
                        .silentAt("11m"),
                RuleCase.of("SagazPartitionsKept", "for more than a day")
                        .given("sagaz_db_partitions_expired{" + TABLE + "}", "2x60")
                        .firesAt("25h", TABLE, "2"),
                RuleCase.of("SagazPartitionsKept", "until the nightly job")
                        .given("sagaz_db_partitions_expired{" + TABLE + "}", "2x40 0x20")
                        .silentAt("25h"),
                RuleCase.of("SagazTimeInDoubt", "the clock has jumped")
                        .given("sagaz_db_maintenance_doubt{" + P + "}", "1x20")
                        .firesAt("6m", P, "1"),
                RuleCase.of("SagazTimeInDoubt", "it has not")
                        .given("sagaz_db_maintenance_doubt{" + P + "}", "0x20")
                        .silentAt("6m"),
                // Sagas and services.
                RuleCase.of("SagazSagaFailureRateHigh", "one in fifty fails")
                        .given(ended("success"), "97x60")
                        .given(ended("failed"), "2x60")
                        .given(ended("compensated"), "1x60")
                        .firesAt("10m", "cluster=\"c\", saga_name=\"order\"", "2%"),
                RuleCase.of("SagazSagaFailureRateHigh", "one in a thousand fails")
                        .given(ended("success"), "999x60")
                        .given(ended("failed"), "1x60")
                        .silentAt("10m"),
                RuleCase.of("SagazSagaFailureRateHigh", "nothing ended")
                        .given(ended("success"), "0x60")
                        .given(ended("failed"), "0x60")
                        .silentAt("10m"),
                RuleCase.of("SagazCompensationRateHigh", "nine in ten are compensated")
                        .given(ended("success"), "10x60")
                        .given(ended("compensated"), "90x60")
                        .firesAt("10m", "cluster=\"c\", saga_name=\"order\"", "90%"),
                RuleCase.of("SagazCompensationRateHigh", "four in a hundred are compensated")
                        .given(ended("success"), "96x60")
                        .given(ended("compensated"), "4x60")
                        .silentAt("10m"),
                RuleCase.of("SagazExecutionLatencyHigh", "8 seconds")
                        .given("sagaz_db_saga_duration_p99_seconds{" + P + ", saga_name=\"order\"}", "8x20")
                        .firesAt("6m", P + ", saga_name=\"order\"", "8s"),
                RuleCase.of("SagazExecutionLatencyHigh", "8 seconds for a minute")
                        .given("sagaz_db_saga_duration_p99_seconds{" + P + ", saga_name=\"order\"}", "8 8 1x20")
                        .silentAt("6m"),
                RuleCase.of("SagazSagasAbandoned", "two sagas")
                        .given("sagaz_db_saga_abandoned{" + P + ", saga_name=\"order\", status=\"RUNNING\"}", "1x20")
                        .given("sagaz_db_saga_abandoned{" + P + ", saga_name=\"order\", status=\"PENDING\"}", "1x20")
                        .firesAt("6m", "cluster=\"c\", saga_name=\"order\"", "2"),
                RuleCase.of("SagazSagasAbandoned", "they were taken over")
                        .given(
                                "sagaz_db_saga_abandoned{" + P + ", saga_name=\"order\", status=\"RUNNING\"}",
                                "3x4 0x20")
                        .silentAt("6m"),
                RuleCase.of("SagazStoreWritesFail", "one in ten")
                        .given(WRITES + "applied\"}", "0+90x30")
                        .given(WRITES + "transientstoreexception\"}", "0+5x30")
                        .given(WRITES + "failed\"}", "0+5x30")
                        .firesAt("10m", "cluster=\"c\", service=\"shop\"", "10%"),
                RuleCase.of("SagazStoreWritesFail", "one in ten is a conflict")
                        .given(WRITES + "applied\"}", "0+90x30")
                        .given(WRITES + "conflict\"}", "0+10x30")
                        .given(WRITES + "transientstoreexception\"}", "0x30")
                        .silentAt("10m"),
                RuleCase.of("SagazReadsRejected", "two a second")
                        .given("sagaz_store_reads_rejected_total{" + S + ", operation=\"list\"}", "0+60x40")
                        .firesAt("10m", "cluster=\"c\", service=\"shop\"", "2"),
                RuleCase.of("SagazReadsRejected", "for a moment")
                        .given("sagaz_store_reads_rejected_total{" + S + ", operation=\"list\"}", "0 0 60 60x40")
                        .silentAt("10m"),
                RuleCase.of("SagazFallbackFull", "all places are taken")
                        .given("sagaz_store_primary_reads{" + S + "}", "2x20")
                        .given("sagaz_store_primary_reads_max{" + S + "}", "2x20")
                        .firesAt("6m", S, "100%"),
                RuleCase.of("SagazFallbackFull", "half of them are")
                        .given("sagaz_store_primary_reads{" + S + "}", "1x20")
                        .given("sagaz_store_primary_reads_max{" + S + "}", "2x20")
                        .silentAt("6m"),
                RuleCase.of("SagazServicePoolWaits", "three threads")
                        .given("hikaricp_connections_pending{" + S + ", pool=\"sagaz-rw\"}", "3x20")
                        .firesAt("3m", S + ", pool=\"sagaz-rw\"", "3"),
                RuleCase.of("SagazServicePoolWaits", "of a pool that is not the store's")
                        .given("hikaricp_connections_pending{" + S + ", pool=\"shop\"}", "3x20")
                        .silentAt("3m"),
                // The outbox.
                RuleCase.of("SagazOutboxLagHigh", "a thousand events")
                        .given("sagaz_db_outbox_unpublished{" + RELAY + "}", "1000x40")
                        .firesAt("11m", RELAY, "1000"),
                RuleCase.of("SagazOutboxLagHigh", "a burst that is gone in five minutes")
                        .given("sagaz_db_outbox_unpublished{" + RELAY + "}", "90000x10 0x40")
                        .silentAt("11m"),
                RuleCase.of("SagazOutboxStalled", "for ten minutes")
                        .given("sagaz_db_outbox_oldest_seconds{" + RELAY + "}", "0+30x40")
                        .firesAt("10m", RELAY, "10m 0s"),
                RuleCase.of("SagazOutboxStalled", "events are a minute old at most")
                        .given("sagaz_db_outbox_oldest_seconds{" + RELAY + "}", "60x40")
                        .silentAt("10m"),
                RuleCase.of("SagazRelayGone", "for five minutes")
                        .given("sagaz_db_outbox_unseen_seconds{" + RELAY + "}", "0+30x40")
                        .firesAt("5m", RELAY, "5m 0s"),
                RuleCase.of("SagazRelayGone", "no relay was ever there")
                        .given(
                                "sagaz_db_outbox_unseen_seconds{" + P + ", relay=\"none\"}",
                                "NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN")
                        .silentAt("5m"),
                RuleCase.of("SagazBrokerDown", "for one of two instances")
                        .given("sagaz_outbox_broker_down{" + S + ", relay=\"kafka\"}", "1x20")
                        .given(
                                "sagaz_outbox_broker_down{cluster=\"c\", instance=\"t:8000\", service=\"shop\","
                                        + " relay=\"kafka\"}",
                                "0x20")
                        .firesAt("3m", "cluster=\"c\", relay=\"kafka\", service=\"shop\"", "1"),
                RuleCase.of("SagazBrokerDown", "it was restarted")
                        .given("sagaz_outbox_broker_down{" + S + ", relay=\"kafka\"}", "0 1 1 0x20")
                        .silentAt("3m"),
                RuleCase.of("SagazDeadLetters", "one more")
                        .given("sagaz_db_outbox_dead_letters{" + RELAY + "}", "3x10 4x20")
                        .firesAt("8m", RELAY, ""),
                RuleCase.of("SagazDeadLetters", "somebody sent them again")
                        .given("sagaz_db_outbox_dead_letters{" + RELAY + "}", "3x10 0x20")
                        .silentAt("8m"),
                RuleCase.of("SagazDLQDepthHigh", "101")
                        .given("sagaz_db_outbox_dead_letters{" + RELAY + "}", "101x20")
                        .firesAt("3m", RELAY, "101"),
                RuleCase.of("SagazDLQDepthHigh", "100")
                        .given("sagaz_db_outbox_dead_letters{" + RELAY + "}", "100x20")
                        .silentAt("3m"));
    }

    private static String ended(String outcome) {
        return "sagaz_db_saga_outcome_last_5m{" + P + ", saga_name=\"order\", outcome=\"" + outcome + "\"}";
    }
}
