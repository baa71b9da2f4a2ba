/** The statements of the store, one class for those that write and one for those that read. */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.sql;
