package io.sagaz.migrations.internal.partition;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** The span of one partition, in UTC. */
public enum Granularity {
    /** A month of the calendar. */
    MONTH {
        @Override
        LocalDate floor(LocalDate day) {
            return day.withDayOfMonth(1);
        }

        @Override
        LocalDate plus(LocalDate first, int partitions) {
            return first.plusMonths(partitions);
        }

        @Override
        String suffix(LocalDate first) {
            return String.format(Locale.ROOT, "_y%04dm%02d", first.getYear(), first.getMonthValue());
        }
    },
    /** A day. */
    DAY {
        @Override
        LocalDate floor(LocalDate day) {
            return day;
        }

        @Override
        LocalDate plus(LocalDate first, int partitions) {
            return first.plusDays(partitions);
        }

        @Override
        String suffix(LocalDate first) {
            return MONTH.suffix(first) + String.format(Locale.ROOT, "d%02d", first.getDayOfMonth());
        }
    };

    /** First day of the partition that holds a day. */
    abstract LocalDate floor(LocalDate day);

    /** First day of the partition that comes so many partitions later. */
    abstract LocalDate plus(LocalDate first, int partitions);

    /** What follows the table's name in the partition's. */
    abstract String suffix(LocalDate first);

    static LocalDate dayOf(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }

    static Instant midnight(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
