/**
 * Publishes the events of the outbox to Kafka.
 *
 * <p>An event is one record: the payload is the value, what the event is {@linkplain io.sagaz.outbox.OutgoingEvent#orderingKey()
 * kept in order by} is the key, and the rest are headers by the Kafka binding of CloudEvents (binary content mode).
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.outbox.kafka;
