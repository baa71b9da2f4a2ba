/**
 * A saga store in memory, for unit tests that need no database: {@link io.sagaz.storage.memory.InMemorySagaStore} keeps the same
 * contract as the store on PostgreSQL, but for what it says it does not do.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.memory;
