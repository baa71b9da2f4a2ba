/** What the store does by itself while it runs: keeping the partitions. */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.upkeep;
