/** Connections, transactions, and what an SQLState means. */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.jdbc;
