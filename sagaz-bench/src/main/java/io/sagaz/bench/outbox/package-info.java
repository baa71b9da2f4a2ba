/**
 * What the outbox carries, beside plain statements and beside what others do: {@code ./bench outbox}. {@link
 * io.sagaz.bench.outbox.OutboxBenchmark} runs it; whoever appends is an {@link io.sagaz.bench.outbox.Appender}, whoever publishes a
 * {@link io.sagaz.bench.outbox.Drain}.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.outbox;
