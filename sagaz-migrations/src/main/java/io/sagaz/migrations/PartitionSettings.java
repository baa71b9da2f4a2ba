package io.sagaz.migrations;

import java.time.Period;
import java.util.Objects;

/**
 * How a table is kept: a row of the table {@code partition_settings}, which SQL may change as well. Immutable.
 *
 * @param table {@code saga_executions} (which {@code saga_steps} follows), {@code saga_outbox}, {@code saga_audit_log} or
 *     {@code consumer_inbox}
 * @param ahead how many future partitions are kept ready: 1 to 24 months, for {@code saga_outbox} 1 to 92 days; 0 for
 *     {@code consumer_inbox}, which has no partitions. Defaults: 3, and 7 for {@code saga_outbox}
 * @param retention how long rows are kept at least, from one day to 100 years, without negative parts. Months and years are
 *     those of the calendar in UTC. Defaults: 12 months, 30 days for {@code saga_outbox}, 90 days for {@code consumer_inbox}
 * @param whenExpired what becomes of a partition that is older and that nothing needs. Default: it is dropped
 * @param dropUnpublished only of {@code saga_outbox}: whether age alone decides, because something reads the events of
 *     which Sagaz does not know, such as change data capture. Default: false, which keeps a partition until each relay has
 *     published all of its events
 */
public record PartitionSettings(
        String table, int ahead, Period retention, WhenExpired whenExpired, boolean dropUnpublished) {
    private static final int MOST_MONTHS_AHEAD = 24;
    private static final int MOST_DAYS_AHEAD = 92;
    private static final long MOST_MONTHS = 1_200;
    private static final int DAYS_OF_A_MONTH = 30;

    /** What becomes of a partition that has expired and that nothing needs any more. */
    public enum WhenExpired {
        /** It is dropped. */
        DROP,
        /** It stays, as a plain table of its name. */
        ARCHIVE
    }

    /**
     * Refuses what cannot work.
     *
     * @throws IllegalArgumentException when a part is not as described
     */
    public PartitionSettings {
        Objects.requireNonNull(table, "PartitionSettings.table");
        Objects.requireNonNull(retention, "PartitionSettings.retention");
        Objects.requireNonNull(whenExpired, "PartitionSettings.whenExpired");
        switch (table) {
            case "saga_executions", "saga_audit_log" -> checkAhead(table, ahead, 1, MOST_MONTHS_AHEAD);
            case "saga_outbox" -> checkAhead(table, ahead, 1, MOST_DAYS_AHEAD);
            case "consumer_inbox" -> checkAhead(table, ahead, 0, 0);
            default ->
                throw new IllegalArgumentException("PartitionSettings.table must be saga_executions, saga_outbox,"
                        + " saga_audit_log or consumer_inbox, but is " + table);
        }
        long months = retention.toTotalMonths();
        boolean negative = retention.getYears() < 0 || retention.getMonths() < 0 || retention.getDays() < 0;
        boolean tooLong = months + retention.getDays() / DAYS_OF_A_MONTH > MOST_MONTHS;
        if (negative || retention.isZero() || tooLong) {
            throw new IllegalArgumentException("PartitionSettings.retention of " + table
                    + " must be from one day (P1D) to 100 years (P100Y), without negative parts, but is " + retention);
        }
        if (whenExpired == WhenExpired.ARCHIVE && table.equals("consumer_inbox")) {
            throw new IllegalArgumentException(
                    "PartitionSettings.whenExpired of consumer_inbox must be DROP: it has no partitions to archive");
        }
        if (dropUnpublished && !table.equals("saga_outbox")) {
            throw new IllegalArgumentException(
                    "PartitionSettings.dropUnpublished is for saga_outbox only, but was set for " + table);
        }
    }

    private static void checkAhead(String table, int ahead, int least, int most) {
        if (ahead < least || ahead > most) {
            throw new IllegalArgumentException("PartitionSettings.ahead of " + table + " must be from " + least + " to "
                    + most + ", but is " + ahead);
        }
    }

    /**
     * The same with another look-ahead.
     *
     * @param other replaces {@link #ahead()}
     * @return new settings
     * @throws IllegalArgumentException when it is not as described
     */
    public PartitionSettings withAhead(int other) {
        return new PartitionSettings(table, other, retention, whenExpired, dropUnpublished);
    }

    /**
     * The same with another retention.
     *
     * @param other replaces {@link #retention()}
     * @return new settings
     * @throws IllegalArgumentException when it is not as described
     */
    public PartitionSettings withRetention(Period other) {
        return new PartitionSettings(table, ahead, other, whenExpired, dropUnpublished);
    }

    /**
     * The same with another fate of expired partitions.
     *
     * @param other replaces {@link #whenExpired()}
     * @return new settings
     * @throws IllegalArgumentException when it is not as described
     */
    public PartitionSettings withWhenExpired(WhenExpired other) {
        return new PartitionSettings(table, ahead, retention, other, dropUnpublished);
    }

    /**
     * The same, but deciding by age alone, or not.
     *
     * @param other replaces {@link #dropUnpublished()}
     * @return new settings
     * @throws IllegalArgumentException when it is not as described
     */
    public PartitionSettings withDropUnpublished(boolean other) {
        return new PartitionSettings(table, ahead, retention, whenExpired, other);
    }
}
