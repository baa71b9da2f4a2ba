/**
 * The outbox as a relay sees it: a log that each relay reads on its own, in batches, and says of how far it is.
 *
 * <p>Whoever only emits events or looks at them needs none of this. A relay joins the {@link io.sagaz.storage.log.OutboxLog}
 * with each of its instances; each {@link io.sagaz.storage.log.RelayMember} has a share of the 64 shards, leased for a while, and
 * all events of one key are in one shard.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.log;
