package io.sagaz.cli.doctor;

import java.util.Optional;
import java.util.stream.Stream;

/** What can be found. Scripts and documents call it by {@link #text}: none is ever renamed. */
enum Id {
    SERVER_UNREACHABLE("server.unreachable"),
    POOLER_UNREACHABLE("pooler.unreachable"),
    PRIMARY_IS_STANDBY("primary.is-standby"),
    PRIMARY_IS_POOLED("primary.is-pooled"),
    REPLICA_IS_PRIMARY("replica.is-primary"),
    CLUSTER_DIFFERS("cluster.differs"),
    REPLICA_NOT_STREAMING("replica.not-streaming"),
    REPLAY_PAUSED("replica.replay-paused"),
    REPLICA_BEHIND("replica.behind"),
    SLOT_INACTIVE("slot.inactive"),
    SLOT_LOST("slot.lost"),
    POOL_EXHAUSTED("pool.exhausted"),
    POOL_PAUSED("pool.paused"),
    POOL_MODE("pool.mode"),
    POOL_ROLE_UNKNOWN("pool.role-unknown"),
    POOL_PREPARED_STATEMENTS("pool.prepared-statements"),
    PARTITION_MISSING("partition.missing"),
    PARTITION_KEPT("partition.kept"),
    PARTITION_OVERDUE("partition.overdue"),
    PARTITION_FAILING("partition.failing"),
    PARTITION_TIME_IN_DOUBT("partition.time-in-doubt"),
    HORIZON_HELD("horizon.held"),
    CLOCK_APART("clock.apart"),
    SETTING_FSYNC("setting.fsync"),
    SETTING_FULL_PAGE_WRITES("setting.full-page-writes"),
    SETTING_SYNCHRONOUS_COMMIT("setting.synchronous-commit"),
    SETTING_WAL_LEVEL("setting.wal-level"),
    SETTING_AUTOVACUUM("setting.autovacuum"),
    SETTING_SLOT_WAL_UNLIMITED("setting.slot-wal-unlimited"),
    SETTING_IDLE_IN_TRANSACTION("setting.idle-in-transaction"),
    DRIVER_PREPARED_STATEMENTS("driver.prepared-statements"),
    DRIVER_SOCKET_TIMEOUT("driver.socket-timeout"),
    SCHEMA_OUT_OF_STEP("schema.out-of-step"),
    OUTBOX_DEAD_LETTERS("outbox.dead-letters"),
    OUTBOX_RELAY_GONE("outbox.relay-gone"),
    OUTBOX_NO_RELAY("outbox.no-relay"),
    LOOK_INCOMPLETE("look.incomplete");

    private final String text;

    Id(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    static Optional<Id> of(String text) {
        return Stream.of(values()).filter(id -> id.text.equals(text)).findFirst();
    }
}
