package io.sagaz.monitoring;

import io.sagaz.outbox.RelayMeterNames;
import io.sagaz.storage.postgres.StoreMeterNames;

/** The library's meters under the names that Micrometer gives them in Prometheus. */
final class Meters {
    /** Timers: with _count, _sum and _max behind it. */
    static final String WRITES = seconds(StoreMeterNames.WRITES);

    static final String READS = seconds(StoreMeterNames.READS);
    static final String READ_STALENESS = seconds(StoreMeterNames.READ_STALENESS);
    static final String MAINTENANCE = seconds(StoreMeterNames.PARTITION_MAINTENANCE);
    static final String PUBLISH = seconds(RelayMeterNames.PUBLISH);
    static final String DELIVERY = seconds(RelayMeterNames.DELIVERY);

    /** Counters. */
    static final String READS_REJECTED = total(StoreMeterNames.READS_REJECTED);

    static final String WRITE_REPEATS = total(StoreMeterNames.WRITE_REPEATS);
    static final String MAINTENANCE_ERRORS = total(StoreMeterNames.PARTITION_MAINTENANCE_ERRORS);
    static final String INBOX_PROCESSED = total(StoreMeterNames.INBOX_PROCESSED);
    static final String INBOX_DUPLICATES = total(StoreMeterNames.INBOX_DUPLICATES);
    static final String PUBLISHED = total(RelayMeterNames.PUBLISHED);
    static final String FAILED = total(RelayMeterNames.FAILED);
    static final String PARKED = total(RelayMeterNames.PARKED);
    static final String DEAD = total(RelayMeterNames.DEAD);
    static final String REJECTED = total(RelayMeterNames.REJECTED);

    /** Gauges. */
    static final String PRIMARY_READS = plain(StoreMeterNames.PRIMARY_READS);

    static final String PRIMARY_READS_MAX = plain(StoreMeterNames.PRIMARY_READS_MAX);
    static final String REPLICATION_LAG = seconds(StoreMeterNames.REPLICATION_LAG);
    static final String SHARDS = plain(RelayMeterNames.SHARDS);
    static final String UNDER_WAY = plain(RelayMeterNames.UNDER_WAY);
    static final String BROKER_DOWN = plain(RelayMeterNames.BROKER_DOWN);

    private Meters() {}

    private static String plain(String meter) {
        return meter.replace('.', '_');
    }

    private static String seconds(String meter) {
        return plain(meter) + "_seconds";
    }

    private static String total(String meter) {
        return plain(meter) + "_total";
    }
}
