/**
 * The whole Sagaz topology in a box, made of real programs: a PostgreSQL primary, streaming replicas, a PgBouncer for
 * writes and one for reads. Start with {@link io.sagaz.testkit.Topology#builder()}. And message brokers, one at a time: {@link
 * io.sagaz.testkit.Broker}.
 */
@NullMarked
package io.sagaz.testkit;

import org.jspecify.annotations.NullMarked;
