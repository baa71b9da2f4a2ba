/**
 * The saga store on PostgreSQL: {@link io.sagaz.storage.postgres.RoutingSagaStore} is the way in.
 *
 * <p>Writes go to the primary through the write pool. Reads go to a replica through the read pool if it is proved fresh
 * enough, else to the primary.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres;
