/**
 * Which server answers a read, and how stale the answer can be.
 *
 * <p>{@link io.sagaz.storage.postgres.internal.route.PrimaryWatch} samples the primary into a
 * {@link io.sagaz.storage.postgres.internal.route.SampleRing}; {@link io.sagaz.storage.postgres.internal.route.Replicas}
 * knows how far each replica has replayed; {@link io.sagaz.storage.postgres.internal.route.ReadRouter} compares the two
 * with what the caller asked for; {@link io.sagaz.storage.postgres.internal.route.RoutedReads} acts on it. The proof that
 * the bound is one is in {@code docs/decisions/0002-staleness-bound.md}.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.route;
