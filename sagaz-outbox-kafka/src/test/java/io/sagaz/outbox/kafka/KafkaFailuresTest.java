package io.sagaz.outbox.kafka;

import static io.sagaz.outbox.kafka.KafkaFailures.Verdict.PRODUCER_BROKEN;
import static io.sagaz.outbox.kafka.KafkaFailures.Verdict.REFUSED;
import static io.sagaz.outbox.kafka.KafkaFailures.Verdict.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.outbox.kafka.KafkaFailures.Verdict;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.NotEnoughReplicasAfterAppendException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KafkaFailuresTest {
    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(REFUSED, new RecordTooLargeException("2 MB")),
                Arguments.of(REFUSED, new RecordBatchTooLargeException("2 MB")),
                Arguments.of(REFUSED, new InvalidTopicException("a b")),
                Arguments.of(REFUSED, new TopicAuthorizationException("orders")),
                Arguments.of(REFUSED, new InvalidRecordException("no key, and the topic is compacted")),
                Arguments.of(REFUSED, new InvalidTimestampException("too old")),
                Arguments.of(REFUSED, new PolicyViolationException("no")),
                Arguments.of(REFUSED, new SerializationException("no")),
                Arguments.of(REFUSED, new UnknownTopicOrPartitionException("orders")),
                Arguments.of(
                        REFUSED,
                        new TimeoutException("not in metadata", new UnknownTopicOrPartitionException("orders"))),
                Arguments.of(REFUSED, new IllegalArgumentException("an interceptor of the user's")),
                Arguments.of(UNAVAILABLE, new TimeoutException("not in metadata")),
                Arguments.of(UNAVAILABLE, new BufferExhaustedException("full")),
                Arguments.of(UNAVAILABLE, new NetworkException("gone")),
                Arguments.of(UNAVAILABLE, new NotLeaderOrFollowerException("moved")),
                Arguments.of(UNAVAILABLE, new NotEnoughReplicasException("1 of 2")),
                Arguments.of(UNAVAILABLE, new NotEnoughReplicasAfterAppendException("1 of 2")),
                Arguments.of(UNAVAILABLE, new KafkaStorageException("disk")),
                Arguments.of(UNAVAILABLE, new CorruptRecordException("on its way")),
                Arguments.of(PRODUCER_BROKEN, new SaslAuthenticationException("password")),
                Arguments.of(PRODUCER_BROKEN, new SslAuthenticationException("certificate")),
                Arguments.of(PRODUCER_BROKEN, new ClusterAuthorizationException("no IdempotentWrite")),
                Arguments.of(PRODUCER_BROKEN, new OutOfOrderSequenceException("gap")),
                Arguments.of(PRODUCER_BROKEN, new InvalidProducerEpochException("old")),
                Arguments.of(PRODUCER_BROKEN, new KafkaException("in an error state")),
                Arguments.of(PRODUCER_BROKEN, new IllegalStateException("closed")));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void eachFailureIsTheEventsOrTheBrokersOrTheProducers(Verdict verdict, Exception failure) {
        assertThat(KafkaFailures.verdict(failure)).isEqualTo(verdict);
    }
}
