/**
 * What a read costs through the router, what it spares the primary, and what others do: {@code ./bench reads}. {@link
 * io.sagaz.bench.reads.ReadsBenchmark} runs it; whoever finds a saga is one class. What is in no other package's reach is
 * measured by {@code io.sagaz.storage.postgres.internal.route} of this module.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.reads;
