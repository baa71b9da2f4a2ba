/**
 * What partitions are worth and what they cost: {@code ./bench partitions}. One class for each measurement; {@link
 * io.sagaz.bench.partitions.PartitionsBenchmark} runs them.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.partitions;
