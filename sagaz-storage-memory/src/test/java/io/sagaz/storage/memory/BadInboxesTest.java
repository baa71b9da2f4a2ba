package io.sagaz.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.contract.InboxContract;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Inboxes that break one promise each, all of which the contract finds out; and one that breaks none. */
class BadInboxesTest {
    @Nested
    class AGoodOne extends ListInbox {}

    @ParameterizedTest
    @ValueSource(
            classes = {
                HandlesTwice.class,
                TakesConsumersForOne.class,
                TakesEventsForOne.class,
                ForgetsResults.class,
                KeepsEffectsOfFailures.class,
                RemembersFailures.class,
                LooksBeforeItLeaps.class,
                FoldsNames.class,
                TakesAnyText.class,
                ChecksTooLate.class,
                RemembersForEver.class,
                RefusesAllThatIsOld.class,
                ForgetsTooEarly.class,
                KnowsOnlyItsOwnIdentifiers.class
            })
    void theContractFindsOut(Class<?> inbox) {
        assertThat(EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(inbox))
                        .execute()
                        .testEvents()
                        .failed()
                        .count())
                .isPositive();
    }

    /** An inbox whose transactions are lists. */
    abstract static class ListInbox extends InboxContract {
        private record Row(Instant processedAt, Optional<String> result) {}

        private final Object lock = new Object();
        private final Map<String, Row> rows = new ConcurrentHashMap<>();
        private final List<String> committed = new CopyOnWriteArrayList<>();

        @Override
        protected InboxResult process(String consumer, InboxDelivery delivery, Handler handler) throws Exception {
            if (consumer.isBlank() || consumer.length() > 255) {
                throw new IllegalArgumentException("consumer");
            }
            delivery.payload().ifPresent(payload -> normalized("payload", payload));
            synchronized (lock) {
                return processAlone(consumer, delivery, handler);
            }
        }

        final InboxResult processAlone(String consumer, InboxDelivery delivery, Handler handler) throws Exception {
            String key = key(consumer, delivery);
            Row row = rows.get(key);
            if (row != null) {
                return new InboxResult.Duplicate(row.processedAt, resultOf(row.result));
            }
            if (isTooOld(delivery)) {
                throw new PermanentStoreException("older than this remembers", null);
            }
            betweenLookingAndActing();
            List<String> effects = newTransaction(committed);
            try {
                Optional<String> result = handler.handle(effects::add);
                if (result == null) {
                    throw new IllegalArgumentException("the result of handler");
                }
                Optional<String> kept = result.map(each -> normalized("result", each));
                rows.put(key, new Row(Instant.now(), kept));
                if (effects != committed) {
                    committed.addAll(effects);
                }
                return new InboxResult.Processed(result);
            } catch (Exception e) {
                if (remembersFailures()) {
                    rows.put(key, new Row(Instant.now(), Optional.empty()));
                }
                throw e;
            }
        }

        @Override
        protected List<String> effects() {
            return List.copyOf(committed);
        }

        String key(String consumer, InboxDelivery delivery) {
            return consumer + delivery.eventId();
        }

        Optional<String> resultOf(Optional<String> result) {
            return result;
        }

        boolean isTooOld(InboxDelivery delivery) {
            return !delivery.isEvenIfOld() && isOlderThanItRemembers(delivery);
        }

        final boolean isOlderThanItRemembers(InboxDelivery delivery) {
            return delivery.eventId().version() == 7
                    && delivery.eventId().variant() == 2
                    && new SagaId(delivery.eventId())
                            .createdAt()
                            .isBefore(Instant.now().minus(remembers()));
        }

        void betweenLookingAndActing() {}

        List<String> newTransaction(List<String> committed) {
            return new ArrayList<>();
        }

        String normalized(String what, String json) {
            return JsonDocument.normalized(what, json);
        }

        boolean remembersFailures() {
            return false;
        }
    }

    static final class HandlesTwice extends ListInbox {
        @Override
        String key(String consumer, InboxDelivery delivery) {
            return consumer + delivery.eventId() + System.nanoTime();
        }
    }

    static final class TakesConsumersForOne extends ListInbox {
        @Override
        String key(String consumer, InboxDelivery delivery) {
            return delivery.eventId().toString();
        }
    }

    static final class TakesEventsForOne extends ListInbox {
        @Override
        String key(String consumer, InboxDelivery delivery) {
            return consumer;
        }
    }

    static final class ForgetsResults extends ListInbox {
        @Override
        Optional<String> resultOf(Optional<String> result) {
            return Optional.empty();
        }
    }

    /** The handler's effects are transactions of their own. */
    static final class KeepsEffectsOfFailures extends ListInbox {
        @Override
        List<String> newTransaction(List<String> committed) {
            return committed;
        }
    }

    /** The row is a transaction of its own. */
    static final class RemembersFailures extends ListInbox {
        @Override
        boolean remembersFailures() {
            return true;
        }
    }

    /** Who asks whether it is there, and then inserts it. */
    static final class LooksBeforeItLeaps extends ListInbox {
        @Override
        protected InboxResult process(String consumer, InboxDelivery delivery, Handler handler) throws Exception {
            return processAlone(consumer, delivery, handler);
        }

        /** Long enough for the others to have looked, too. */
        @Override
        void betweenLookingAndActing() {
            LockSupport.parkNanos(5_000_000);
        }
    }

    static final class FoldsNames extends ListInbox {
        @Override
        String key(String consumer, InboxDelivery delivery) {
            return consumer.toLowerCase(Locale.ROOT) + delivery.eventId();
        }
    }

    static final class TakesAnyText extends ListInbox {
        @Override
        String normalized(String what, String json) {
            return json;
        }
    }

    /** What is wrong with the payload is found when the handler has had its effect. */
    static final class ChecksTooLate extends ListInbox {
        @Override
        protected InboxResult process(String consumer, InboxDelivery delivery, Handler handler) throws Exception {
            InboxResult result =
                    super.process(consumer, InboxDelivery.of(delivery.eventId()).evenIfOld(), handler);
            delivery.payload().ifPresent(payload -> normalized("payload", payload));
            return result;
        }
    }

    static final class RemembersForEver extends ListInbox {
        @Override
        boolean isTooOld(InboxDelivery delivery) {
            return false;
        }
    }

    static final class RefusesAllThatIsOld extends ListInbox {
        @Override
        boolean isTooOld(InboxDelivery delivery) {
            return isOlderThanItRemembers(delivery);
        }
    }

    static final class ForgetsTooEarly extends ListInbox {
        @Override
        boolean isTooOld(InboxDelivery delivery) {
            return delivery.eventId().version() == 7
                    && !delivery.isEvenIfOld()
                    && new SagaId(delivery.eventId())
                            .createdAt()
                            .isBefore(Instant.now().minus(remembers().dividedBy(2)));
        }
    }

    static final class KnowsOnlyItsOwnIdentifiers extends ListInbox {
        @Override
        String key(String consumer, InboxDelivery delivery) {
            return consumer + new SagaId(delivery.eventId());
        }
    }
}
