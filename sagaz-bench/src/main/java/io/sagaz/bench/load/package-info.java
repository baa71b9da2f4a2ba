/** Callers that all do something again and again, at once, and what they need to be compared. Knows no benchmark. */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.load;
