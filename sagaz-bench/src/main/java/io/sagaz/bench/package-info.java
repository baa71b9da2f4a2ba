/**
 * The benchmarks of Sagaz: {@code ./bench NAME}. To add one, write a class that implements {@link io.sagaz.bench.Benchmark}
 * in a package of its own, such as {@code io.sagaz.bench.partitions}, and add it to {@link io.sagaz.bench.Benchmarks}.
 * Taking numbers is in {@code measure}, callers and what they share in {@code load}, what becomes of the numbers in {@code
 * report}.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench;
