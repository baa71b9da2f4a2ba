/** What is checked before a store starts: one clear error for each thing that would go wrong later. */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.start;
