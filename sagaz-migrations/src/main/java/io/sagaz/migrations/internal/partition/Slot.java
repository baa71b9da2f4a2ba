package io.sagaz.migrations.internal.partition;

import java.time.LocalDate;

/**
 * A partition that should exist.
 *
 * @param firstDay the first day whose rows it takes, in UTC
 * @param needed whether writes fail without it, now or soon
 * @param present whether it exists
 */
public record Slot(PartitionedTable table, String name, LocalDate firstDay, boolean needed, boolean present) {}
