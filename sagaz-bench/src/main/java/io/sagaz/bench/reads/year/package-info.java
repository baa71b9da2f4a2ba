/** What a dashboard asks of a year of sagas: reads of the store on many partitions, and on one. */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.reads.year;
