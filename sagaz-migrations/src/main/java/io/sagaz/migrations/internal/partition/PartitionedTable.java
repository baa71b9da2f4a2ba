package io.sagaz.migrations.internal.partition;

import java.util.List;
import java.util.stream.Stream;

/**
 * The partitioned tables, in the order in which their partitions are dealt with: what tells of sagas may go only when its
 * sagas have gone.
 */
public enum PartitionedTable {
    /** Sagas. */
    EXECUTIONS("saga_executions", "saga_executions", Granularity.MONTH),
    /** Their steps, in partitions with the same bounds. */
    STEPS("saga_steps", "saga_executions", Granularity.MONTH),
    /** Events. */
    OUTBOX("saga_outbox", "saga_outbox", Granularity.DAY),
    /** What happened to sagas. */
    AUDIT_LOG("saga_audit_log", "saga_audit_log", Granularity.MONTH);

    private final String table;
    private final String governedBy;
    private final Granularity granularity;

    PartitionedTable(String table, String governedBy, Granularity granularity) {
        this.table = table;
        this.governedBy = governedBy;
        this.granularity = granularity;
    }

    /** Its name in the schema. */
    public String table() {
        return table;
    }

    /** The table whose row of partition_settings holds for it. */
    String governedBy() {
        return governedBy;
    }

    Granularity granularity() {
        return granularity;
    }

    /** The tables that are kept as one is that has settings of its own. */
    static List<PartitionedTable> governedBy(String table) {
        List<PartitionedTable> tables = Stream.of(values())
                .filter(candidate -> candidate.governedBy.equals(table))
                .toList();
        if (tables.isEmpty()) {
            throw new IllegalArgumentException(
                    "The table must be saga_executions (saga_steps goes with it), saga_outbox or saga_audit_log, but is "
                            + table);
        }
        return tables;
    }

    static PartitionedTable named(String table) {
        return Stream.of(values())
                .filter(candidate -> candidate.table.equals(table))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No partitioned table of Sagaz: " + table));
    }
}
