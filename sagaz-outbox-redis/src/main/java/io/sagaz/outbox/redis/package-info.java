/**
 * Publishes the events of the outbox to Redis streams.
 *
 * <p>An event is one entry of the stream that its topic names. CloudEvents has no binding for streams; the fields are named as the
 * headers of its Kafka binding are.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.outbox.redis;
