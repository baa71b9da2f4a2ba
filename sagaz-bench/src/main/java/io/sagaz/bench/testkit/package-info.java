/** {@code ./bench testkit}: how long tests wait for their servers and databases. */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.testkit;
