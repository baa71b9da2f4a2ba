/**
 * What a write costs, beside a plain insert and beside what others do: {@code ./bench writes}. {@link
 * io.sagaz.bench.writes.WritesBenchmark} runs it; each contender is one class.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.writes;
