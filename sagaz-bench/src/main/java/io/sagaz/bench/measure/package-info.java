/** Taking numbers: in rounds, the variants alternating. Knows no benchmark. */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.measure;
