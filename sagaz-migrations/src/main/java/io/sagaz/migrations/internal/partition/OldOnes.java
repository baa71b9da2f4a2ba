package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.MigrationException;
import io.sagaz.migrations.PartitionSettings;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Narrows facts down to partitions that are older than somebody wants. Pure.
 *
 * @param olderThan how old, positive
 * @param tables which tables; empty for all
 */
public record OldOnes(Period olderThan, Set<String> tables) {
    /**
     * Checks both.
     *
     * @throws IllegalArgumentException when there is no such table, or {@code olderThan} is not positive
     */
    public OldOnes {
        Objects.requireNonNull(olderThan, "PartitionMaintenance.cleanUp olderThan");
        if (olderThan.isNegative() || olderThan.isZero()) {
            throw new IllegalArgumentException(
                    "PartitionMaintenance.cleanUp olderThan must be positive, but is " + olderThan);
        }
        tables = Set.copyOf(tables);
        tables.forEach(PartitionedTable::governedBy);
    }

    /**
     * The facts without partitions of other tables, and without younger ones.
     *
     * @throws MigrationException when the settings keep one of the tables for longer
     */
    public PartitionFacts of(PartitionFacts facts) {
        Instant cutoff = before(facts.now(), olderThan);
        Set<PartitionedTable> meant = EnumSet.noneOf(PartitionedTable.class);
        for (PartitionedTable table : PartitionedTable.values()) {
            if (tables.isEmpty() || tables.contains(table.governedBy())) {
                meant.add(table);
                PartitionSettings settings = facts.settingsOf(table);
                if (before(facts.now(), settings.retention()).isBefore(cutoff)) {
                    throw new MigrationException("Rows of " + table.governedBy() + " are kept for "
                            + settings.retention() + ", so that what is older than " + olderThan
                            + " cannot be taken away. Ask for " + settings.retention()
                            + " or more, or keep less: UPDATE partition_settings SET retention = … WHERE table_name = '"
                            + table.governedBy() + "'");
                }
            }
        }
        return new PartitionFacts(
                facts.now(),
                facts.settings(),
                facts.partitions().stream()
                        .filter(partition -> meant.contains(partition.table()))
                        .filter(partition -> !partition.end().isAfter(cutoff))
                        .toList());
    }

    private static Instant before(Instant now, Period time) {
        return LocalDateTime.ofInstant(now, ZoneOffset.UTC).minus(time).toInstant(ZoneOffset.UTC);
    }
}
