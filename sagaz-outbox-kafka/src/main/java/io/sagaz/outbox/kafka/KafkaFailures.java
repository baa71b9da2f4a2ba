package io.sagaz.outbox.kafka;

import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What a failure of the client means for an event. Pure. */
final class KafkaFailures {
    /** Whose fault it is. */
    enum Verdict {
        /** This event is not taken; others may be. */
        REFUSED,
        /** Nothing is taken now. */
        UNAVAILABLE,
        /** Nothing is taken now, and this producer may never recover from it. */
        PRODUCER_BROKEN
    }

    /** They are about the whole cluster, or about the state of the producer. */
    private static final List<Class<? extends RuntimeException>> BREAK_THE_PRODUCER = List.of(
            AuthenticationException.class,
            ClusterAuthorizationException.class,
            UnsupportedVersionException.class,
            OutOfOrderSequenceException.class,
            ApplicationRecoverableException.class,
            TransactionAbortedException.class,
            SecurityDisabledException.class);

    private KafkaFailures() {}

    static Verdict verdict(Throwable failure) {
        if (saysThatTheTopicIsUnknown(failure)) {
            return Verdict.REFUSED;
        }
        if (failure instanceof RetriableException || failure instanceof InterruptException) {
            return Verdict.UNAVAILABLE;
        }
        if (BREAK_THE_PRODUCER.stream().anyMatch(type -> type.isInstance(failure))) {
            return Verdict.PRODUCER_BROKEN;
        }
        if (failure instanceof ApiException || failure instanceof SerializationException) {
            // The broker, or the client in its place, has looked at this record and does not want it.
            return Verdict.REFUSED;
        }
        if (failure instanceof KafkaException || failure instanceof IllegalStateException) {
            // The client could not even try: it is closed, or in an error state.
            return Verdict.PRODUCER_BROKEN;
        }
        return Verdict.REFUSED;
    }

    /** The failure of the stage. */
    static RuntimeException explain(Throwable failure, OutgoingEvent event) {
        String what = event.event().id() + " to topic " + event.event().topic();
        if (verdict(failure) == Verdict.REFUSED) {
            return new EventRefusedException(
                    "Kafka does not take event " + what + ": " + failure.getMessage() + remedy(failure), failure);
        }
        return new BrokerUnavailableException(
                "Kafka did not acknowledge event " + what + ": " + failure.getMessage(), failure);
    }

    /** The client waits for a topic that it does not know until its time is over, and tells as the cause what the broker said. */
    private static boolean saysThatTheTopicIsUnknown(Throwable failure) {
        return failure instanceof UnknownTopicOrPartitionException
                || failure.getCause() instanceof UnknownTopicOrPartitionException;
    }

    private static String remedy(Throwable failure) {
        if (saysThatTheTopicIsUnknown(failure)) {
            return ". Create the topic";
        }
        if (failure instanceof RecordTooLargeException || failure instanceof RecordBatchTooLargeException) {
            return ". Raise max.request.size of the producer and max.message.bytes of the topic, or emit less";
        }
        if (failure instanceof InvalidTopicException) {
            return ". Topics have up to 249 letters, digits, dots, dashes and underscores";
        }
        if (failure instanceof TopicAuthorizationException) {
            return ". Allow the producer's user to write to the topic";
        }
        return "";
    }
}
