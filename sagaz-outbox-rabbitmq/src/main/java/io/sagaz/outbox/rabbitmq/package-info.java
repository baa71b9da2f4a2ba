/**
 * Publishes the events of the outbox to RabbitMQ.
 *
 * <p>An event is one persistent message by the AMQP binding of CloudEvents (binary content mode); its topic is the routing key.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.outbox.rabbitmq;
