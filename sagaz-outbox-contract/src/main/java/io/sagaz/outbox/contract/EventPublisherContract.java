package io.sagaz.outbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.CloudEventAttributes;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link EventPublisher} promises. The test of a publisher extends this class, says how to reach its broker, and runs
 * all of it:
 *
 * <ul>
 *   <li>An event arrives as it is: payload, media type, key, its own headers, the causal token, and the attributes of CloudEvents
 *       with the prefix of the binding. Its own headers cannot stand in for the others.
 *   <li>Events of one key arrive in the order in which they were published, if each was published after the one before it was
 *       acknowledged; what was acknowledged has arrived, and once.
 *   <li>While the broker cannot be reached, publishing fails with {@link BrokerUnavailableException} within {@link
 *       #failsWithin()} and does not block for longer than {@link #blocksFor()}. When the broker is back, the same publisher works
 *       again, and what was acknowledged before is still there.
 *   <li>An event that the broker cannot take fails with anything else, and others go through.
 *   <li>A closed publisher says so, with {@link BrokerUnavailableException}: nothing is wrong with the event.
 * </ul>
 *
 * <p>What a broker cannot do, its test leaves out: the tests of that are reported as skipped, with the reason.
 */
@DisplayName("EventPublisher")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
public abstract class EventPublisherContract {
    /** How long a test waits for what should come at once. Longer than any machine needs. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int TIMES_UNTIL_BACK = 2_000;

    private final List<EventPublisher> publishers = new ArrayList<>();
    private final List<Runnable> repairs = new ArrayList<>();
    private final AtomicLong numbers = new AtomicLong();

    /** For subclasses. */
    protected EventPublisherContract() {}

    /** A new publisher with {@link #source()}. It is closed after the test. */
    protected abstract EventPublisher newPublisher();

    /** A topic that takes events and to which nothing was published yet. It exists, if the broker asks for that. */
    protected abstract String newTopic();

    /**
     * Reads a topic from its beginning.
     *
     * @param atLeast to be waited for, with a deadline
     * @return all that is there then, in the order of the broker; of one key at least. May be fewer if the time is over
     */
    protected abstract List<Arrival> read(String topic, int atLeast);

    /** What the binding puts before the attributes of CloudEvents, for example {@code ce_}. */
    protected abstract String attributePrefix();

    /** The source that {@link #newPublisher} was given. */
    protected String source() {
        return "/contract";
    }

    /** What takes the broker down, so that its address refuses connections; empty if that cannot be. */
    protected Optional<BrokerSwitch> crash() {
        return Optional.empty();
    }

    /** What makes the broker stand still, so that it answers nothing; empty if that cannot be. */
    protected Optional<BrokerSwitch> freeze() {
        return Optional.empty();
    }

    /** An event of a new topic that the broker refuses, however often it is tried; empty if there is none. */
    protected Optional<OutgoingEvent> impossible() {
        return Optional.empty();
    }

    /** How long it may take until publishing fails while the broker is down or stands still: what the publisher documents. */
    protected abstract Duration failsWithin();

    /** How long {@link EventPublisher#publish} may block while the broker is down: what the publisher documents. */
    protected abstract Duration blocksFor();

    /** The size of the large payload, in bytes: one million, unless the broker takes less. */
    protected int largePayload() {
        return 1_000_000;
    }

    /** An event as the relay would hand it over: of a saga, with a causal token. */
    protected final OutgoingEvent outgoing(OutboxEvent event) {
        return outgoing(event, Optional.of(SagaId.next()));
    }

    private OutgoingEvent outgoing(OutboxEvent event, Optional<SagaId> saga) {
        long number = numbers.incrementAndGet();
        return new OutgoingEvent(
                new StoredEvent(
                        event.id(),
                        event.createdAt(),
                        number,
                        saga,
                        event.topic(),
                        event.key(),
                        event.type(),
                        event.payload(),
                        event.headers()),
                new CausalToken(4711, 1, number));
    }

    /** Closes the publishers of the test and mends the broker. */
    @AfterEach
    final void closePublishers() {
        repairs.forEach(Runnable::run);
        publishers.forEach(EventPublisher::close);
    }

    private EventPublisher publisher() {
        EventPublisher publisher = newPublisher();
        publishers.add(publisher);
        return publisher;
    }

    /** What arrives, and how. */
    @Nested
    @DisplayName("an event")
    public class Content {
        /** For JUnit. */
        public Content() {}

        @Test
        @DisplayName("arrives with its JSON, byte for byte")
        void jsonArrivesUnchanged() {
            String json = "{\"total\": 10,  \"note\": \"kept as it is\"}";
            OutgoingEvent event = outgoing(OutboxEvent.to(newTopic()).key("42").json(json));
            Arrival arrival = publishAndRead(event);
            assertThat(new String(arrival.payload().toByteArray(), StandardCharsets.UTF_8))
                    .isEqualTo(json);
            assertThat(arrival.payload().contentType()).isEqualTo("application/json");
        }

        @Test
        @DisplayName("arrives with bytes of every value, and their media type")
        void bytesArriveUnchanged() {
            byte[] bytes = new byte[256];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
            Arrival arrival = publishAndRead(
                    outgoing(OutboxEvent.to(newTopic()).key("42").bytes(bytes, "application/vnd.example+avro")));
            assertThat(arrival.payload().toByteArray()).isEqualTo(bytes);
            assertThat(arrival.payload().contentType()).isEqualTo("application/vnd.example+avro");
        }

        @Test
        @DisplayName("may have an empty payload")
        void anEmptyPayloadArrivesAsOne() {
            Arrival arrival = publishAndRead(
                    outgoing(OutboxEvent.to(newTopic()).key("42").bytes(new byte[0], "application/octet-stream")));
            assertThat(arrival.payload().toByteArray()).isNotNull().isEmpty();
        }

        @Test
        @DisplayName("may be large")
        void aLargePayloadArrives() {
            byte[] bytes = new byte[largePayload()];
            new Random(42).nextBytes(bytes);
            Arrival arrival = publishAndRead(
                    outgoing(OutboxEvent.to(newTopic()).key("42").bytes(bytes, "application/octet-stream")));
            assertThat(arrival.payload().toByteArray()).isEqualTo(bytes);
        }

        @Test
        @DisplayName("may have any characters in payload, key, type and the values of headers")
        void unicodeArrives() {
            String text = "naïve Straße Ωμέγα 注文 🧾";
            OutgoingEvent event = outgoing(OutboxEvent.to(newTopic())
                    .key(text)
                    .type(text)
                    .json("\"" + text + "\"")
                    .header("note", text));
            Arrival arrival = publishAndRead(event);
            assertThat(new String(arrival.payload().toByteArray(), StandardCharsets.UTF_8))
                    .isEqualTo("\"" + text + "\"");
            assertThat(arrival.key()).isEqualTo(text);
            assertThat(arrival.headers()).containsEntry("note", text).containsEntry(attributePrefix() + "type", text);
        }

        @Test
        @DisplayName("carries its identifier and the other attributes of CloudEvents")
        void attributesOfCloudEvents() {
            OutgoingEvent event = outgoing(
                    OutboxEvent.to(newTopic()).key("42").type("OrderPlaced").json("{}"));
            Arrival arrival = publishAndRead(event);
            assertThat(arrival.id()).isEqualTo(event.event().id().toString());
            assertThat(arrival.headers()).containsAllEntriesOf(prefixed(event));
        }

        @Test
        @DisplayName("carries its own headers and the causal token, without a prefix")
        void ownHeadersAndCausalToken() {
            OutgoingEvent event = outgoing(OutboxEvent.to(newTopic())
                    .json("{}")
                    .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                    .header("tenant", "north")
                    .header("nothing", ""));
            Arrival arrival = publishAndRead(event);
            assertThat(arrival.headers())
                    .containsAllEntriesOf(event.event().headers())
                    .containsEntry(
                            CloudEventAttributes.CAUSAL_TOKEN, event.token().toString());
            assertThat(CausalToken.parse(String.valueOf(arrival.headers().get(CloudEventAttributes.CAUSAL_TOKEN))))
                    .isEqualTo(event.token());
        }

        @Test
        @DisplayName("cannot have a header that stands in for its identifier or its causal token")
        void ownHeadersDoNotReplaceOthers() {
            OutgoingEvent event = outgoing(OutboxEvent.to(newTopic())
                    .json("{}")
                    .header(attributePrefix() + "id", "forged")
                    .header(CloudEventAttributes.CAUSAL_TOKEN, "forged"));
            Arrival arrival = publishAndRead(event);
            assertThat(arrival.id()).isEqualTo(event.event().id().toString());
            assertThat(arrival.headers())
                    .containsEntry(attributePrefix() + "id", event.event().id().toString())
                    .containsEntry(
                            CloudEventAttributes.CAUSAL_TOKEN, event.token().toString());
        }

        @Test
        @DisplayName("has the key that it is kept in order by")
        void theKeyIsTheOrderingKey() {
            OutgoingEvent keyed = outgoing(OutboxEvent.to(newTopic()).key("42").json("{}"));
            OutgoingEvent ofSaga = outgoing(OutboxEvent.to(newTopic()).json("{}"));
            OutgoingEvent alone = outgoing(OutboxEvent.to(newTopic()).json("{}"), Optional.empty());
            assertThat(publishAndRead(keyed).key()).isEqualTo("42");
            assertThat(publishAndRead(ofSaga).key()).isEqualTo(ofSaga.orderingKey());
            assertThat(publishAndRead(alone).key()).isEqualTo(alone.event().id().toString());
        }

        private Arrival publishAndRead(OutgoingEvent event) {
            acknowledged(publisher().publish(event));
            List<Arrival> arrivals = read(event.event().topic(), 1);
            assertThat(arrivals).hasSize(1);
            return arrivals.get(0);
        }

        private Map<String, String> prefixed(OutgoingEvent event) {
            Map<String, String> prefixed = new HashMap<>();
            CloudEventAttributes.of(event, source())
                    .forEach((name, value) -> prefixed.put(attributePrefix() + name, value));
            return prefixed;
        }
    }

    /** In which order, and how often. */
    @Nested
    @DisplayName("events")
    public class Delivery {
        private static final int THREADS = 4;
        private static final int KEYS_OF_A_THREAD = 25;
        private static final int ROUNDS = 40;

        /** For JUnit. */
        public Delivery() {}

        @Test
        @DisplayName("have arrived when they are acknowledged")
        void whatIsAcknowledgedHasArrived() {
            EventPublisher publisher = publisher();
            String topic = newTopic();
            for (int i = 1; i <= 20; i++) {
                OutgoingEvent event = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
                acknowledged(publisher.publish(event));
                List<Arrival> arrivals = read(topic, i);
                assertThat(arrivals).hasSize(i);
                assertThat(arrivals.get(i - 1).id())
                        .isEqualTo(event.event().id().toString());
            }
        }

        @Test
        @DisplayName("of one key keep their order, each published when the one before it is acknowledged")
        void orderOfOneKey() {
            EventPublisher publisher = publisher();
            String topic = newTopic();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                OutgoingEvent event = outgoing(OutboxEvent.to(topic).key("42").json("{\"n\": " + i + "}"));
                acknowledged(publisher.publish(event));
                expected.add(event.event().id().toString());
            }
            assertThat(read(topic, expected.size())).extracting(Arrival::id).isEqualTo(expected);
        }

        @Test
        @DisplayName("of many keys from several threads all arrive, once, and each key in its order")
        void manyKeysFromManyThreads() throws Exception {
            EventPublisher publisher = publisher();
            String topic = newTopic();
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            Map<String, List<String>> expected = new LinkedHashMap<>();
            try {
                List<Future<Map<String, List<String>>>> results = new ArrayList<>();
                for (int thread = 0; thread < THREADS; thread++) {
                    String name = "thread-" + thread;
                    results.add(threads.submit(() -> publishRounds(publisher, topic, name)));
                }
                for (Future<Map<String, List<String>>> result : results) {
                    expected.putAll(result.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
                }
            } finally {
                threads.shutdownNow();
            }
            int count = THREADS * KEYS_OF_A_THREAD * ROUNDS;
            List<Arrival> arrivals = read(topic, count);
            assertThat(arrivals).hasSize(count);
            Map<String, List<String>> found = new LinkedHashMap<>();
            arrivals.forEach(arrival -> found.computeIfAbsent(arrival.key(), key -> new ArrayList<>())
                    .add(arrival.id()));
            assertThat(found).isEqualTo(expected);
        }

        private Map<String, List<String>> publishRounds(EventPublisher publisher, String topic, String thread) {
            Map<String, List<String>> published = new HashMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                List<CompletableFuture<Void>> stages = new ArrayList<>();
                for (int i = 0; i < KEYS_OF_A_THREAD; i++) {
                    String key = thread + "-key-" + i;
                    OutgoingEvent event =
                            outgoing(OutboxEvent.to(topic).key(key).json("{\"round\": " + round + "}"));
                    stages.add(publisher.publish(event).toCompletableFuture());
                    published
                            .computeIfAbsent(key, each -> new ArrayList<>())
                            .add(event.event().id().toString());
                }
                stages.forEach(EventPublisherContract.this::acknowledged);
            }
            return published;
        }

        @Test
        @DisplayName("go to the topic that each names")
        void eachToItsTopic() {
            EventPublisher publisher = publisher();
            String here = newTopic();
            String there = newTopic();
            OutgoingEvent first = outgoing(OutboxEvent.to(here).key("42").json("{}"));
            OutgoingEvent second = outgoing(OutboxEvent.to(there).key("42").json("{}"));
            acknowledged(publisher.publish(first));
            acknowledged(publisher.publish(second));
            assertThat(read(here, 1))
                    .extracting(Arrival::id)
                    .containsExactly(first.event().id().toString());
            assertThat(read(there, 1))
                    .extracting(Arrival::id)
                    .containsExactly(second.event().id().toString());
        }
    }

    /** What fails, and how. */
    @Nested
    @DisplayName("publishing")
    public class Failure {
        /** So many are acknowledged before a crash, and so many are on their way in it. */
        private static final int UNDER_WAY = 200;

        private static final int AT_ONCE = 20;

        /** For JUnit. */
        public Failure() {}

        @Test
        @DisplayName("while the broker is down fails in time, does not block, and works again when it is back")
        void theBrokerIsDownAndComesBack() {
            BrokerSwitch broker = or(crash(), "this broker cannot be taken down");
            EventPublisher publisher = publisher();
            String topic = newTopic();
            String other = newTopic();
            OutgoingEvent before = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
            acknowledged(publisher.publish(before));
            takeDown(broker);

            // A topic that the publisher has seen, several at once, and one that it has not.
            List<CompletableFuture<Void>> lost = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                OutgoingEvent event =
                        outgoing(OutboxEvent.to(i % 2 == 0 ? topic : other).json("{}"));
                lost.add(publishWithoutBlocking(publisher, event));
            }
            lost.forEach(EventPublisherContract.this::assertUnavailable);
            bringBack(broker);

            OutgoingEvent after = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
            publishUntilTaken(publisher, after);
            List<String> ids = read(topic, 2).stream().map(Arrival::id).toList();
            // What was said to have failed may have arrived all the same; what was acknowledged must have.
            assertThat(ids)
                    .containsSubsequence(
                            before.event().id().toString(), after.event().id().toString());
        }

        @Test
        @DisplayName("in the middle of a crash: what was acknowledged is there afterwards")
        void whatWasAcknowledgedSurvivesACrash() throws Exception {
            BrokerSwitch broker = or(crash(), "this broker cannot be taken down");
            EventPublisher publisher = publisher();
            String topic = newTopic();
            Set<String> acknowledged = ConcurrentHashMap.newKeySet();
            Set<String> failures = ConcurrentHashMap.newKeySet();
            CountDownLatch underWay = new CountDownLatch(UNDER_WAY);
            AtomicBoolean over = new AtomicBoolean();
            // A broker may refuse the first events of a topic that it has only just heard of: a relay would try them
            // again.
            CompletableFuture<Void> load = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    List<OutgoingEvent> events = Stream.generate(
                                    () -> outgoing(OutboxEvent.to(topic).json("{}")))
                            .limit(AT_ONCE)
                            .toList();
                    List<CompletableFuture<Void>> stages = events.stream()
                            .map(event -> publishWithoutBlocking(publisher, event))
                            .toList();
                    for (int i = 0; i < AT_ONCE; i++) {
                        Throwable failure = failureOf(stages.get(i), failsWithin());
                        if (failure == null) {
                            acknowledged.add(events.get(i).event().id().toString());
                            underWay.countDown();
                        } else {
                            failures.add(failure.toString());
                        }
                    }
                }
            });
            try {
                assertThat(underWay.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                        .as(() -> "%d events are acknowledged; missing are %d; failures: %s"
                                .formatted(UNDER_WAY, underWay.getCount(), failures))
                        .isTrue();
                takeDown(broker);
            } finally {
                over.set(true);
            }
            load.get(failsWithin().plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
            bringBack(broker);
            assertThat(read(topic, acknowledged.size())).extracting(Arrival::id).containsAll(acknowledged);
        }

        @Test
        @DisplayName("of a publisher made while the broker is down fails in time, and works when it is there")
        void madeWhileTheBrokerIsDown() {
            BrokerSwitch broker = or(crash(), "this broker cannot be taken down");
            String topic = newTopic();
            takeDown(broker);
            EventPublisher publisher = publisher();
            assertUnavailable(publishWithoutBlocking(
                    publisher, outgoing(OutboxEvent.to(topic).key("42").json("{}"))));
            bringBack(broker);
            OutgoingEvent after = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
            publishUntilTaken(publisher, after);
            assertThat(read(topic, 1))
                    .extracting(Arrival::id)
                    .contains(after.event().id().toString());
        }

        @Test
        @DisplayName("fails in time while the broker stands still, is never acknowledged, and works again afterwards")
        void theBrokerStandsStill() {
            BrokerSwitch broker = or(freeze(), "this broker cannot be made to stand still");
            EventPublisher publisher = publisher();
            String topic = newTopic();
            acknowledged(
                    publisher.publish(outgoing(OutboxEvent.to(topic).key("42").json("{}"))));
            takeDown(broker);
            List<CompletableFuture<Void>> lost = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                lost.add(publishWithoutBlocking(
                        publisher, outgoing(OutboxEvent.to(topic).json("{}"))));
            }
            lost.forEach(EventPublisherContract.this::assertUnavailable);
            bringBack(broker);
            OutgoingEvent after = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
            publishUntilTaken(publisher, after);
            assertThat(read(topic, 2))
                    .extracting(Arrival::id)
                    .contains(after.event().id().toString());
        }

        @Test
        @DisplayName("an event that the broker refuses fails, not as if the broker were away, and others go through")
        void anImpossibleEvent() {
            OutgoingEvent event = or(impossible(), "this broker takes every event");
            EventPublisher publisher = publisher();
            String topic = newTopic();
            OutgoingEvent before = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
            acknowledged(publisher.publish(before));
            for (int i = 0; i < 2; i++) {
                Throwable failure = failure(publishWithoutBlocking(publisher, event), failsWithin());
                assertThat(failure).isNotInstanceOf(BrokerUnavailableException.class);
                assertThat(failure).hasMessageContaining(event.event().id().toString());
            }
            OutgoingEvent after = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
            publishUntilTaken(publisher, after);
            assertThat(read(topic, 2))
                    .extracting(Arrival::id)
                    .containsExactly(
                            before.event().id().toString(), after.event().id().toString());
        }

        @Test
        @DisplayName("after close() fails and says so, as nothing is wrong with the event")
        void afterClose() {
            EventPublisher publisher = publisher();
            String topic = newTopic();
            acknowledged(
                    publisher.publish(outgoing(OutboxEvent.to(topic).key("42").json("{}"))));
            publisher.close();
            OutgoingEvent late = outgoing(OutboxEvent.to(topic).key("42").json("{}"));
            Throwable failure = failure(publishWithoutBlocking(publisher, late), failsWithin());
            assertThat(failure).isInstanceOf(BrokerUnavailableException.class).hasMessageContaining("closed");
            publisher.close();
            assertThat(read(topic, 1)).hasSize(1);
        }
    }

    private void takeDown(BrokerSwitch broker) {
        repairs.add(0, broker::bringBack);
        broker.takeDown();
    }

    private void bringBack(BrokerSwitch broker) {
        repairs.clear();
        broker.bringBack();
    }

    /** Publishes one event again and again, as the relay does, until it is taken. */
    private void publishUntilTaken(EventPublisher publisher, OutgoingEvent event) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Throwable failure = null;
        for (int i = 0; i < TIMES_UNTIL_BACK && System.nanoTime() - deadline < 0; i++) {
            failure = failureOf(publishWithoutBlocking(publisher, event), failsWithin());
            if (failure == null) {
                return;
            }
            assertThat(failure).isInstanceOf(BrokerUnavailableException.class);
        }
        fail("The broker is back, and " + event + " is still not taken", failure);
    }

    /** Publishes on a thread of its own, and fails unless it returns in time. */
    private CompletableFuture<Void> publishWithoutBlocking(EventPublisher publisher, OutgoingEvent event) {
        CompletableFuture<CompletionStage<Void>> returned = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                returned.complete(publish(publisher, event));
            } catch (Throwable e) {
                returned.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        Callable<CompletionStage<Void>> get = () -> returned.get(blocksFor().toMillis(), TimeUnit.MILLISECONDS);
        try {
            return get.call().toCompletableFuture();
        } catch (TimeoutException e) {
            throw new AssertionError("publish() blocked for longer than " + blocksFor(), e);
        } catch (Exception e) {
            throw new AssertionError("publish() did not return", e);
        }
    }

    private static CompletionStage<Void> publish(EventPublisher publisher, OutgoingEvent event) {
        try {
            return publisher.publish(event);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void acknowledged(CompletionStage<Void> stage) {
        Throwable failure = failureOf(stage, PATIENCE);
        if (failure != null) {
            fail("The event was not acknowledged", failure);
        }
    }

    private void assertUnavailable(CompletionStage<Void> stage) {
        assertThat(failure(stage, failsWithin())).isInstanceOf(BrokerUnavailableException.class);
    }

    private static Throwable failure(CompletionStage<Void> stage, Duration within) {
        Throwable failure = failureOf(stage, within);
        return failure != null ? failure : fail("The event was acknowledged");
    }

    private static @Nullable Throwable failureOf(CompletionStage<Void> stage, Duration within) {
        try {
            stage.toCompletableFuture().get(within.toMillis(), TimeUnit.MILLISECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException e) {
            throw new AssertionError("The stage was not completed within " + within, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for a stage", e);
        }
    }

    private static <T> T or(Optional<T> able, String reason) {
        return able.orElseGet(() -> abort("Skipped: " + reason));
    }
}
