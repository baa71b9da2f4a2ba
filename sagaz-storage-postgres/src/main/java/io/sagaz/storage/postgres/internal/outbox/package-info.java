/** The log of events: which of them a relay has not seen yet. Decided from snapshots, without a server; asked by SQL elsewhere. */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.outbox;
