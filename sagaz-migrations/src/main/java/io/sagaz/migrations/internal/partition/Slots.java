package io.sagaz.migrations.internal.partition;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Which partitions hold a range of days. Pure. */
public final class Slots {
    private Slots() {}

    /**
     * Those of a table, and of what follows it, in order.
     *
     * @throws IllegalArgumentException when there is no such table, no day in between, or more than {@code most} partitions
     */
    public static List<Slot> between(String table, LocalDate from, LocalDate before, int most) {
        List<PartitionedTable> tables = PartitionedTable.governedBy(table);
        Objects.requireNonNull(from, "PartitionMaintenance.create from");
        if (!Objects.requireNonNull(before, "PartitionMaintenance.create before")
                .isAfter(from)) {
            throw new IllegalArgumentException(
                    "The last day must be behind the first, but the range is from " + from + " to before " + before);
        }
        List<Slot> slots = new ArrayList<>();
        Granularity granularity = tables.get(0).granularity();
        LocalDate first = granularity.floor(from);
        for (int n = 0; granularity.plus(first, n).isBefore(before); n++) {
            if (n == most) {
                throw new IllegalArgumentException("From " + from + " to before " + before + " there are more than "
                        + most + " partitions of " + table + ": make fewer at once");
            }
            LocalDate day = granularity.plus(first, n);
            for (PartitionedTable each : tables) {
                slots.add(new Slot(each, each.table() + granularity.suffix(day), day, false, false));
            }
        }
        return List.copyOf(slots);
    }
}
