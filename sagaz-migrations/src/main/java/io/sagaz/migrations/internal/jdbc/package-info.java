/** Connections of our own, the locks that let one instance in at a time, patience, and what an SQLState means. */
@org.jspecify.annotations.NullMarked
package io.sagaz.migrations.internal.jdbc;
