package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.InboxResult.Duplicate;
import io.sagaz.storage.InboxResult.Processed;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.SagaId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every inbox promises. The test of an inbox extends this class, says how to reach the inbox, and runs all of it:
 *
 * <ul>
 *   <li>An event has its effect once for each consumer, however often it is delivered and however many deliveries there are at once.
 *   <li>A delivery of an event that was handled is told when that was and what came of it.
 *   <li>What a handler does and that the event was handled are one: if the handler fails, neither stays, and a later delivery, or one
 *       that waits, is handled.
 *   <li>An event that is older than the inbox remembers is refused, unless the delivery says otherwise.
 *   <li>Bad input is refused by an {@link IllegalArgumentException}, and changes nothing.
 * </ul>
 *
 * <p>The inbox may be one for all tests and may hold other things: each test uses identifiers and consumers of its own.
 */
@DisplayName("An inbox")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
public abstract class InboxContract {
    private static final AtomicInteger CONSUMERS = new AtomicInteger();
    private static final int AT_ONCE = 8;

    private final String consumer = "consumer-" + CONSUMERS.incrementAndGet() + "-" + UUID.randomUUID();

    /** For subclasses. */
    protected InboxContract() {}

    /** The transaction of a handler. */
    @FunctionalInterface
    protected interface Work {
        /**
         * Has an effect that shows when the transaction commits, and not if it is rolled back: a row in a table of the test's own.
         *
         * @param effect what {@link InboxContract#effects} will show
         * @throws Exception as the inbox's means do
         */
        void effect(String effect) throws Exception;
    }

    /** What the contract hands to the inbox as a handler. */
    @FunctionalInterface
    protected interface Handler {
        /**
         * Handles an event.
         *
         * @param work the transaction
         * @return what the inbox keeps as the result
         * @throws Exception if it fails
         */
        Optional<String> handle(Work work) throws Exception;
    }

    /**
     * Delivers an event to a consumer.
     *
     * @param handler to be called by the inbox, in its transaction; what it throws comes out as it is
     * @throws Exception what the handler or the inbox has thrown
     */
    protected abstract InboxResult process(String consumer, InboxDelivery delivery, Handler handler) throws Exception;

    /** The effects of all transactions that were committed, each as often as there were. */
    protected abstract List<String> effects() throws Exception;

    /** How long the inbox remembers an event. */
    protected Duration remembers() {
        return Duration.ofDays(90);
    }

    private static InboxDelivery delivery() {
        return InboxDelivery.of(SagaId.next().value());
    }

    private InboxResult process(InboxDelivery delivery, Handler handler) throws Exception {
        return process(consumer, delivery, handler);
    }

    /** The usual handler: its effect is the name of the test, its result that number. */
    private Handler handler(String effect, int result) {
        return work -> {
            work.effect(consumer + effect);
            return Optional.of("{\"n\": " + result + "}");
        };
    }

    private static Optional<String> mustNotBeCalled(Work work) {
        return fail("The handler was called");
    }

    private List<String> mine() throws Exception {
        return effects().stream()
                .filter(effect -> effect.startsWith(consumer))
                .map(effect -> effect.substring(consumer.length()))
                .sorted()
                .toList();
    }

    @Test
    void anEventIsHandledAndLaterDeliveriesAreToldWhatCameOfIt() throws Exception {
        InboxDelivery delivery = delivery().topic("orders").type("OrderPlaced").keepPayload("{\"order\": 42}");
        assertThat(process(delivery, handler("a", 1))).isEqualTo(new Processed(Optional.of("{\"n\": 1}")));
        assertThat(mine()).containsExactly("a");
        InboxResult again = process(delivery, InboxContract::mustNotBeCalled);
        assertThat(again).isInstanceOf(Duplicate.class);
        assertThat(again.result()).contains("{\"n\": 1}");
        InboxResult third = process(InboxDelivery.of(delivery.eventId()), InboxContract::mustNotBeCalled);
        assertThat(third).as("the same event in another envelope").isEqualTo(again);
        assertThat(mine()).containsExactly("a");
    }

    @Test
    void aHandlerNeedNotHaveAResult() throws Exception {
        InboxDelivery delivery = delivery();
        assertThat(process(delivery, work -> Optional.empty())).isEqualTo(new Processed(Optional.empty()));
        InboxResult again = process(delivery, InboxContract::mustNotBeCalled);
        assertThat(again).isInstanceOf(Duplicate.class);
        assertThat(again.result()).isEmpty();
    }

    @Test
    void otherEventsAreHandledOnTheirOwn() throws Exception {
        assertThat(process(delivery(), handler("a", 1))).isInstanceOf(Processed.class);
        assertThat(process(delivery(), handler("b", 2))).isInstanceOf(Processed.class);
        assertThat(mine()).containsExactly("a", "b");
    }

    @Test
    void eachConsumerHandlesAnEventOnItsOwn() throws Exception {
        InboxDelivery delivery = delivery();
        String other = consumer + "-other";
        assertThat(process(consumer, delivery, handler("a", 1))).isInstanceOf(Processed.class);
        assertThat(process(other, delivery, handler("b", 2))).isInstanceOf(Processed.class);
        assertThat(process(consumer, delivery, InboxContract::mustNotBeCalled).result())
                .contains("{\"n\": 1}");
        assertThat(process(other, delivery, InboxContract::mustNotBeCalled).result())
                .contains("{\"n\": 2}");
        assertThat(mine()).containsExactly("a", "b");
    }

    @Test
    void ifTheHandlerFailsNothingStaysAndTheNextDeliveryIsHandled() throws Exception {
        InboxDelivery delivery = delivery();
        IllegalStateException failure = new IllegalStateException("the card was declined");
        assertThatThrownBy(() -> process(delivery, work -> {
                    work.effect(consumer + "lost");
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(mine()).isEmpty();
        assertThat(process(delivery, handler("kept", 2))).isInstanceOf(Processed.class);
        assertThat(process(delivery, InboxContract::mustNotBeCalled).result()).contains("{\"n\": 2}");
        assertThat(mine()).containsExactly("kept");
    }

    @Test
    void ofManyDeliveriesAtOnceOneIsHandled() throws Exception {
        for (int round = 0; round < 10; round++) {
            InboxDelivery delivery = delivery();
            String effect = "round " + round;
            List<InboxResult> results = Together.run(AT_ONCE, () -> process(delivery, handler(effect, 1)));
            assertThat(results)
                    .filteredOn(result -> result instanceof Processed)
                    .hasSize(1);
            assertThat(results).allSatisfy(result -> assertThat(result.result()).contains("{\"n\": 1}"));
            assertThat(mine()).containsOnlyOnce(effect);
        }
    }

    @Test
    void aDeliveryBesideOneThatFailsIsHandled() throws Exception {
        InboxDelivery delivery = delivery();
        CountDownLatch within = new CountDownLatch(1);
        CountDownLatch fail = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<InboxResult> failing = threads.submit(() -> process(delivery, work -> {
                work.effect(consumer + "lost");
                within.countDown();
                fail.await();
                throw new IllegalStateException("it fails");
            }));
            within.await();
            Future<InboxResult> other = threads.submit(() -> process(delivery, handler("kept", 1)));
            fail.countDown();
            assertThatThrownBy(failing::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertThat(other.get()).isInstanceOf(Processed.class);
        } finally {
            fail.countDown();
            threads.shutdownNow();
        }
        assertThat(mine()).containsExactly("kept");
    }

    @Test
    void manyConsumersAndEventsAtOnceAreKeptApart() throws Exception {
        List<InboxDelivery> deliveries = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            deliveries.add(delivery());
        }
        AtomicInteger next = new AtomicInteger();
        Together.run(AT_ONCE, () -> {
            int thread = next.getAndIncrement();
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < deliveries.size(); i++) {
                order.add(i);
            }
            Collections.shuffle(order, new Random(thread));
            for (int i : order) {
                process(consumer + "-" + thread % 2, deliveries.get(i), handler("-" + thread % 2 + " " + i, i));
            }
            return true;
        });
        assertThat(mine()).hasSize(2 * deliveries.size()).doesNotHaveDuplicates();
    }

    /** The least, the greatest, and identifiers of other versions. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
                "80000000-0000-4000-8000-000000000000",
                "7fffffff-ffff-1fff-bfff-ffffffffffff"
            })
    void anIdentifierMayBeAnyUuid(String id) throws Exception {
        InboxDelivery delivery = InboxDelivery.of(UUID.fromString(id));
        assertThat(process(delivery, handler("a", 1))).isInstanceOf(Processed.class);
        assertThat(process(delivery, InboxContract::mustNotBeCalled)).isInstanceOf(Duplicate.class);
        assertThat(mine()).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"größe", "a b", "O'Brien", "\"; DROP TABLE x; --", "%_\\", "日本語", "🚚", "a\tb\nc", "A", "a"})
    void namesAreKeptApartWhateverIsInThem(String name) throws Exception {
        InboxDelivery delivery = delivery().topic(name).type(name);
        String odd = consumer.substring(0, 20) + name;
        assertThat(process(odd, delivery, handler("a", 1))).isInstanceOf(Processed.class);
        assertThat(process(odd, delivery, InboxContract::mustNotBeCalled)).isInstanceOf(Duplicate.class);
        assertThat(process(odd + "x", delivery, handler("b", 2))).isInstanceOf(Processed.class);
        assertThat(process(odd.toUpperCase(Locale.ROOT), delivery, handler("c", 3)))
                .isInstanceOf(Processed.class);
        assertThat(mine()).containsExactly("a", "b", "c");
    }

    @Test
    void aNameMayBeAsLongAsNamesAre() throws Exception {
        String longest = consumer + "x".repeat(255 - consumer.length());
        InboxDelivery delivery = delivery().topic("t".repeat(255)).type("y".repeat(255));
        assertThat(process(longest, delivery, handler("a", 1))).isInstanceOf(Processed.class);
        assertThat(process(longest, delivery, InboxContract::mustNotBeCalled)).isInstanceOf(Duplicate.class);
        assertThatIllegalArgumentException().isThrownBy(() -> process(longest + "x", delivery, handler("b", 2)));
        assertThatIllegalArgumentException().isThrownBy(() -> process(" ", delivery, handler("b", 2)));
        assertThat(mine()).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"n\": \"größe 日本語 🚚\"}",
                "[1, 2.50, null, \"\\\"\\\\\"]",
                "\"text\"",
                "null",
                "true",
                "12345678901234567890.5"
            })
    void aResultIsKeptWhateverIsInIt(String json) throws Exception {
        InboxDelivery delivery = delivery().keepPayload(json);
        assertThat(process(delivery, work -> Optional.of(json)).result()).contains(json);
        assertThat(process(delivery, InboxContract::mustNotBeCalled).result()).contains(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"a\": 1}}", "truth"})
    void whatIsNoJsonIsRefused(String text) throws Exception {
        InboxDelivery delivery = delivery();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> process(delivery.keepPayload(text), InboxContract::mustNotBeCalled));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> process(delivery, work -> {
                    work.effect(consumer + "lost");
                    return Optional.of(text);
                }));
        assertThat(mine()).isEmpty();
        assertThat(process(delivery, handler("kept", 1)))
                .as("it counts as not handled")
                .isInstanceOf(Processed.class);
    }

    private static InboxDelivery madeBefore(Duration age) {
        return InboxDelivery.of(SagaId.next(Clock.fixed(Instant.now().minus(age), ZoneOffset.UTC))
                .value());
    }

    /** An hour on each side: the clock that decides is that of the store. */
    @Test
    void anEventThatIsOlderThanTheInboxRemembersIsRefused() throws Exception {
        Duration hour = Duration.ofHours(1);
        InboxDelivery old = madeBefore(remembers().plus(hour));
        assertThatThrownBy(() -> process(old, InboxContract::mustNotBeCalled))
                .isInstanceOf(PermanentStoreException.class);
        assertThatThrownBy(() -> process(old, InboxContract::mustNotBeCalled))
                .as("the refusal is not remembered as a delivery")
                .isInstanceOf(PermanentStoreException.class);
        InboxDelivery young = madeBefore(remembers().minus(hour));
        assertThat(process(young, handler("young", 1))).isInstanceOf(Processed.class);
        assertThat(process(young, InboxContract::mustNotBeCalled)).isInstanceOf(Duplicate.class);
        assertThat(mine()).containsExactly("young");
    }

    @Test
    void anOldEventThatDoesNoHarmIsHandledAndThenKnown() throws Exception {
        InboxDelivery old = madeBefore(remembers().plusDays(30)).evenIfOld();
        assertThat(process(old, handler("old", 1))).isInstanceOf(Processed.class);
        assertThat(process(old, InboxContract::mustNotBeCalled)).isInstanceOf(Duplicate.class);
        assertThat(mine()).containsExactly("old");
    }

    @Test
    void aHandlerThatReturnsNullIsRefused() throws Exception {
        InboxDelivery delivery = delivery();
        assertThatIllegalArgumentException().isThrownBy(() -> process(delivery, InboxContract::nothing));
        assertThat(process(delivery, handler("kept", 1))).isInstanceOf(Processed.class);
    }

    @SuppressWarnings({"NullAway", "OptionalAssignedToNull", "OptionalMapToOptional"})
    private static Optional<String> nothing(Work work) {
        return null;
    }
}
