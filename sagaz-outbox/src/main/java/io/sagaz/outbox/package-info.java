/**
 * Publishes the events of the outbox.
 *
 * <p>An {@link io.sagaz.outbox.EventPublisher} brings one event to a broker. It is an interface of one method: there are
 * modules with one for Kafka, RabbitMQ and Redis, and anybody can write another.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.outbox;
