package io.sagaz.outbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.StoredEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Publishers that break one promise each, all of which the contract finds out. */
class BadPublishersTest {
    static Stream<Class<?>> publishers() {
        return Stream.of(
                LosesHeaders.class,
                ChangesPayloads.class,
                ChangesIdentifiers.class,
                AcknowledgesBeforeArrival.class,
                DoublesEvents.class,
                AcknowledgesWhatIsLost.class,
                BlamesTheEventForTheBroker.class,
                BlamesTheBrokerForTheEvent.class,
                BlocksWhileTheBrokerIsDown.class,
                IsSilentWhileTheBrokerIsDown.class,
                NeverComesBack.class,
                PublishesWhenClosed.class);
    }

    @ParameterizedTest
    @MethodSource("publishers")
    void theContractFindsOut(Class<?> publisher) {
        assertThat(EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(publisher))
                        .execute()
                        .testEvents()
                        .failed()
                        .count())
                .isPositive();
    }

    /** A publisher in memory with something between it and its caller. */
    abstract static class Bad extends InProcessPublisherContractTest {
        abstract CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event);

        @Override
        protected EventPublisher newPublisher() {
            EventPublisher good = super.newPublisher();
            return new EventPublisher() {
                @Override
                public CompletionStage<Void> publish(OutgoingEvent event) {
                    return Bad.this.publish(good, event);
                }

                @Override
                public void close() {
                    good.close();
                }
            };
        }
    }

    static final class LosesHeaders extends Bad {
        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            return good.publish(changed(event, event.event().id(), event.event().payload(), Map.of()));
        }
    }

    static final class ChangesPayloads extends Bad {
        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            String text = new String(event.payloadBytes(), StandardCharsets.UTF_8);
            EventPayload trimmed = new EventPayload.Json(text.replace(" ", ""));
            return good.publish(
                    changed(event, event.event().id(), trimmed, event.event().headers()));
        }
    }

    static final class ChangesIdentifiers extends Bad {
        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            return good.publish(changed(
                    event,
                    UUID.randomUUID(),
                    event.event().payload(),
                    event.event().headers()));
        }
    }

    /** Always one behind. */
    static final class AcknowledgesBeforeArrival extends Bad {
        private final Deque<OutgoingEvent> waiting = new ArrayDeque<>();

        @Override
        synchronized CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            waiting.add(event);
            return waiting.size() > 1 ? good.publish(waiting.remove()) : CompletableFuture.completedFuture(null);
        }
    }

    static final class DoublesEvents extends Bad {
        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            return good.publish(event).thenCompose(done -> good.publish(event));
        }
    }

    static final class AcknowledgesWhatIsLost extends Bad {
        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            return good.publish(event).exceptionally(failure -> null);
        }
    }

    static final class BlamesTheEventForTheBroker extends Bad {
        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            return failing(
                    good.publish(event),
                    failure -> failure instanceof BrokerUnavailableException
                            ? new EventRefusedException("down", failure)
                            : failure);
        }
    }

    static final class BlamesTheBrokerForTheEvent extends Bad {
        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            return failing(good.publish(event), failure -> new BrokerUnavailableException("closed", failure));
        }
    }

    static final class BlocksWhileTheBrokerIsDown extends Bad {
        private final CountDownLatch never = new CountDownLatch(1);

        @Override
        protected Duration blocksFor() {
            return Duration.ofMillis(200);
        }

        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            CompletionStage<Void> stage = good.publish(event);
            if (stage.toCompletableFuture().isCompletedExceptionally()) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return stage;
        }
    }

    static final class IsSilentWhileTheBrokerIsDown extends Bad {
        @Override
        protected Duration failsWithin() {
            return Duration.ofMillis(200);
        }

        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            CompletionStage<Void> stage = good.publish(event);
            return stage.toCompletableFuture().isCompletedExceptionally() ? new CompletableFuture<>() : stage;
        }
    }

    static final class NeverComesBack extends Bad {
        private volatile Optional<CompletionStage<Void>> broken = Optional.empty();

        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            CompletionStage<Void> stage = broken.orElseGet(() -> good.publish(event));
            if (stage.toCompletableFuture().isCompletedExceptionally()) {
                broken = Optional.of(stage);
            }
            return stage;
        }
    }

    static final class PublishesWhenClosed extends Bad {
        @Override
        protected EventPublisher newPublisher() {
            EventPublisher publisher = super.newPublisher();
            return event -> publisher.publish(event);
        }

        @Override
        CompletionStage<Void> publish(EventPublisher good, OutgoingEvent event) {
            return good.publish(event);
        }
    }

    private static CompletionStage<Void> failing(CompletionStage<Void> stage, Function<Throwable, Throwable> changed) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        stage.whenComplete((done, failure) -> {
            if (failure == null) {
                result.complete(null);
            } else {
                result.completeExceptionally(changed.apply(failure));
            }
        });
        return result;
    }

    private static OutgoingEvent changed(
            OutgoingEvent outgoing, UUID id, EventPayload payload, Map<String, String> headers) {
        StoredEvent event = outgoing.event();
        return new OutgoingEvent(
                new StoredEvent(
                        id,
                        event.createdAt(),
                        event.number(),
                        event.saga(),
                        event.topic(),
                        event.key(),
                        event.type(),
                        payload,
                        headers),
                outgoing.token());
    }
}
