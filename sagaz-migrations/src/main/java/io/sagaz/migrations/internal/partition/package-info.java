/**
 * Makes partitions and takes them away. {@link io.sagaz.migrations.internal.partition.PartitionCatalog} reads what there
 * is, {@link io.sagaz.migrations.internal.partition.PartitionPlanner} decides (pure), the others act.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.migrations.internal.partition;
