package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.ParkedAttempt;
import io.sagaz.storage.log.ParkedEvents;
import io.sagaz.storage.log.ParkedKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In one thread: a publisher that answers when it is told to, and a clock that is set. */
class DispatcherTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final RetryPolicy OFTEN = new RetryPolicy(9, Duration.ofSeconds(1), Duration.ofSeconds(1));
    private static final RetryPolicy ONCE = new RetryPolicy(1, Duration.ofSeconds(1), Duration.ofSeconds(1));

    private final RuntimeException refused = new EventRefusedException("too large", null);
    private final RuntimeException down = new BrokerUnavailableException("nobody there", null);
    private final RuntimeException crash = new IllegalStateException("a crash point");

    /** Numbers of events, in the order in which they were handed over. */
    private final List<Long> handed = new ArrayList<>();

    private final ArrayDeque<CompletableFuture<Void>> unanswered = new ArrayDeque<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RelayMeters meters = new RelayMeters(registry, "relay");
    private CrashPoints.@Nullable Point crashAt;
    private long now = 7 * SECOND;

    private final Dispatcher dispatcher = dispatcher(event -> {
        handed.add(event.event().number());
        CompletableFuture<Void> answer = new CompletableFuture<>();
        unanswered.add(answer);
        return answer;
    });

    @BeforeEach
    void ownTheShards() {
        dispatcher.mayDeliverUntil(Long.MAX_VALUE);
    }

    @Test
    void eventsOfAKeyGoOneAfterTheOtherAndThoseOfOthersMeanwhile() {
        BatchUnderWay batch = submit(OFTEN, "a", "a", "b", "a");
        assertThat(handed).containsExactly(1L, 3L);
        answer(null);
        assertThat(handed).containsExactly(1L, 3L, 2L);
        answer(null);
        answer(null);
        assertThat(handed).containsExactly(1L, 3L, 2L, 4L);
        assertThat(batch.isDone()).isFalse();
        answer(null);
        assertThat(batch.isDone()).isTrue();
        assertThat(batch.unpublished()).isEmpty();
        assertThat(counted(RelayMeterNames.PUBLISHED)).isEqualTo(4);
    }

    @Test
    void aLaterBatchComesBehindTheOneUnderWay() {
        submit(OFTEN, "a");
        submit(OFTEN, "a", "a");
        assertThat(handed).hasSize(1);
        answer(null);
        answer(null);
        answer(null);
        assertThat(handed).containsExactly(1L, 1L, 2L);
        submit(OFTEN, "a");
        assertThat(handed).as("nothing is before it any more").hasSize(4);
    }

    @Test
    void answersThatAreThereAtOnceMakeNoDeepCalls() {
        List<Long> published = new ArrayList<>();
        Dispatcher quick = dispatcher(event -> {
            published.add(event.event().number());
            return CompletableFuture.completedFuture(null);
        });
        quick.mayDeliverUntil(Long.MAX_VALUE);
        OutboxBatch events = Events.batch(Collections.nCopies(20_000, "a").toArray(new String[0]));
        BatchUnderWay batch = submit(quick, events, OFTEN);
        assertThat(batch.isDone()).isTrue();
        assertThat(published).hasSize(20_000).isSorted();
        assertThat(quick.nanosUntilTending()).as("all are answered").isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aStageThatIsNoFutureIsAnAnswerToo() {
        CompletableFuture<Void> later = new CompletableFuture<>();
        for (CompletionStage<Void> stage :
                List.of(CompletableFuture.<Void>completedStage(null), later.minimalCompletionStage())) {
            Dispatcher any = dispatcher(event -> stage);
            any.mayDeliverUntil(Long.MAX_VALUE);
            BatchUnderWay batch = submit(any, Events.batch("a"), OFTEN);
            later.complete(null);
            assertThat(batch.isDone()).isTrue();
            assertThat(batch.unpublished()).isEmpty();
        }
    }

    @Test
    void aStageThatCannotBecomeAFutureIsAnAnswerToo() {
        CompletableFuture<Void> later = unconvertible();
        CompletableFuture<Void> failing = unconvertible();
        Dispatcher any = dispatcher(event -> event.orderingKey().equals("good") ? later : failing);
        any.mayDeliverUntil(Long.MAX_VALUE);
        BatchUnderWay batch = submit(any, Events.batch("good", "bad"), ONCE);
        assertThat(batch.isDone()).isFalse();
        later.complete(null);
        failing.completeExceptionally(refused);
        assertThat(batch.isDone()).isTrue();
        assertThat(batch.unpublished()).hasSize(1);
    }

    private static CompletableFuture<Void> unconvertible() {
        return new CompletableFuture<>() {
            @Override
            public CompletableFuture<Void> toCompletableFuture() {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Test
    @SuppressWarnings("NullAway")
    void aPublisherThatReturnsNothingHasFailed() {
        Dispatcher failing = dispatcher(event -> null);
        failing.mayDeliverUntil(Long.MAX_VALUE);
        BatchUnderWay batch = submit(failing, Events.batch("a"), OFTEN);
        assertThat(batch.unpublished()).hasSize(1);
    }

    @Test
    void howLongThePublisherTookIsMeasured() {
        submit(OFTEN, "a");
        now += 3 * SECOND;
        answer(null);
        assertThat(registry.get(RelayMeterNames.PUBLISH).timer().totalTime(TimeUnit.SECONDS))
                .isEqualTo(3);
    }

    @Test
    void whatComesBehindAnEventThatIsNotTakenIsParkedWithIt() {
        BatchUnderWay batch = submit(OFTEN, "a", "a", "b", "a");
        answer(refused);
        assertThat(handed).containsExactly(1L, 3L);
        assertThat(unpublished(batch)).containsExactly(1L, 2L, 4L);
        BatchUnderWay later = submit(OFTEN, "a");
        assertThat(handed).as("its key is parked").hasSize(2);
        assertThat(later.isDone()).isTrue();
        answer(null);
        assertThat(batch.isDone()).isTrue();
        assertThat(counted(RelayMeterNames.FAILED)).isEqualTo(1);
    }

    @Test
    void anEventThatIsGivenUpHoldsNobodyUp() {
        BatchUnderWay batch = submit(ONCE, "a", "a");
        answer(refused);
        assertThat(handed).containsExactly(1L, 2L);
        answer(null);
        assertThat(unpublished(batch)).containsExactly(1L);
        assertThat(batch.isDone()).isTrue();
    }

    @Test
    void howeverAPublisherFailsItIsOfThisEvent() {
        RuntimeException failure = new IllegalStateException("no class for this payload");
        List<EventPublisher> ways = List.of(
                event -> {
                    throw failure;
                },
                event -> {
                    throw new NoClassDefFoundError("no class for this payload");
                },
                event -> CompletableFuture.failedFuture(failure),
                event -> CompletableFuture.<Void>failedFuture(failure).thenApply(nothing -> null),
                event -> CompletableFuture.failedStage(failure));
        for (EventPublisher way : ways) {
            Dispatcher failing = dispatcher(way);
            failing.mayDeliverUntil(Long.MAX_VALUE);
            BatchUnderWay batch = submit(failing, Events.batch("a"), OFTEN);
            assertThat(batch.isDone()).isTrue();
            assertThat(failing.isBrokerDown()).isFalse();
            assertThat(batch.unpublished().get(0).error().orElseThrow())
                    .as("the cause, not its wrapping")
                    .doesNotContain(CompletionException.class.getSimpleName())
                    .endsWith("no class for this payload");
        }
    }

    @Test
    void anAnswerThatIsGivenUpIsAFailureToo() {
        Dispatcher failing = dispatcher(event -> {
            CompletableFuture<Void> cancelled = new CompletableFuture<>();
            cancelled.cancel(false);
            return cancelled;
        });
        failing.mayDeliverUntil(Long.MAX_VALUE);
        assertThat(submit(failing, Events.batch("a"), OFTEN).unpublished()).hasSize(1);
    }

    @Test
    void whatAStageWrapsIsTheFailure() {
        CompletableFuture<Void> later = new CompletableFuture<>();
        Dispatcher failing = dispatcher(event -> later.thenApply(nothing -> null));
        failing.mayDeliverUntil(Long.MAX_VALUE);
        submit(failing, Events.batch("a"), OFTEN);
        later.completeExceptionally(down);
        assertThat(failing.isBrokerDown()).isTrue();
    }

    @Test
    void whileTheBrokerIsDownEverythingWaits() {
        submit(OFTEN, "a", "b");
        answer(down);
        assertThat(dispatcher.isBrokerDown()).isTrue();
        BatchUnderWay later = submit(OFTEN, "c");
        dispatcher.tend();
        assertThat(handed).containsExactly(1L, 2L);
        assertThat(later.isDone()).isFalse();
        assertThat(later.unpublished()).as("it is nobody's fault").isEmpty();
    }

    @Test
    void afterAPauseOneTriesTheBrokerAndWhenItIsTakenAllGoInTheirOrder() {
        submit(OFTEN, "a", "a", "b", "c");
        answer(down);
        answer(down);
        answer(down);
        assertThat(dispatcher.nanosUntilTending()).isBetween(SECOND / 10 * 4, SECOND / 10 * 6);
        now += SECOND;
        handed.clear();
        dispatcher.tend();
        assertThat(handed).as("one at a time").containsExactly(1L);
        dispatcher.tend();
        assertThat(handed).containsExactly(1L);
        answer(null);
        assertThat(dispatcher.isBrokerDown()).isFalse();
        assertThat(handed).containsExactlyInAnyOrder(1L, 3L, 4L, 2L);
        answer(null);
        answer(null);
        answer(null);
        dispatcher.tend();
        assertThat(handed).as("each once").hasSize(4);
        assertThat(dispatcher.nanosUntilTending()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anOutageAfterABrokerWasBackBeginsWithAShortPause() {
        submit(OFTEN, "a");
        for (int i = 0; i < 5; i++) {
            answer(down);
            now += 20 * SECOND;
            dispatcher.tend();
        }
        answer(null);
        submit(OFTEN, "a");
        answer(down);
        now += SECOND;
        dispatcher.tend();
        assertThat(handed).hasSize(8);
    }

    @Test
    void aRefusalIsAnAnswerToo() {
        submit(OFTEN, "a", "b");
        answer(down);
        answer(refused);
        assertThat(dispatcher.isBrokerDown()).isFalse();
        assertThat(handed).containsExactly(1L, 2L, 1L);
    }

    @Test
    void whoDoesNotAnswerInTimeIsTakenForABrokerThatIsDown() {
        submit(OFTEN, "a");
        assertThat(dispatcher.nanosUntilTending()).isEqualTo(TIMEOUT.toNanos());
        now += TIMEOUT.toNanos() - 1;
        dispatcher.tend();
        assertThat(dispatcher.isBrokerDown()).isFalse();
        assertThat(dispatcher.nanosUntilTending()).isEqualTo(1);
        now += 1;
        dispatcher.tend();
        assertThat(dispatcher.isBrokerDown()).isTrue();
        now += SECOND;
        dispatcher.tend();
        assertThat(handed).as("it is tried again").containsExactly(1L, 1L);
    }

    @Test
    void anAnswerThatComesTooLateSaysNothing() {
        BatchUnderWay batch = submit(OFTEN, "a");
        now += TIMEOUT.toNanos();
        dispatcher.tend();
        answer(refused);
        assertThat(batch.isDone()).isFalse();
        assertThat(batch.unpublished()).isEmpty();
        now += SECOND;
        dispatcher.tend();
        answer(null);
        assertThat(batch.isDone()).isTrue();
        assertThat(batch.unpublished()).isEmpty();
        now += TIMEOUT.toNanos();
        dispatcher.tend();
        assertThat(dispatcher.isBrokerDown()).as("all was answered").isFalse();
        assertThat(dispatcher.nanosUntilTending()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anAnswerToAnEarlierTimeIsNotTakenForOneToTheLater() {
        BatchUnderWay batch = submit(OFTEN, "a");
        now += TIMEOUT.toNanos();
        dispatcher.tend();
        now += SECOND;
        dispatcher.tend();
        assertThat(handed).containsExactly(1L, 1L);
        answer(refused);
        assertThat(batch.isDone()).isFalse();
        answer(null);
        assertThat(batch.isDone()).isTrue();
        assertThat(batch.unpublished()).isEmpty();
    }

    @Test
    void nothingIsHandedOverWhenTheLeaseIsOver() {
        dispatcher.mayDeliverUntil(now);
        submit(OFTEN, "a", "b");
        dispatcher.tend();
        assertThat(handed).isEmpty();
        dispatcher.mayDeliverUntil(now + 1);
        dispatcher.tend();
        assertThat(handed).as("the lease goes on").containsExactly(1L, 2L);
        now += 1;
        submit(OFTEN, "c");
        assertThat(handed).hasSize(2);
    }

    @Test
    void nobodyTriesTheBrokerWhenTheLeaseIsOver() {
        submit(OFTEN, "a");
        answer(down);
        now += SECOND;
        dispatcher.mayDeliverUntil(now);
        dispatcher.tend();
        assertThat(handed).hasSize(1);
        dispatcher.mayDeliverUntil(now + 1);
        dispatcher.tend();
        assertThat(handed).hasSize(2);
    }

    @Test
    void aNewDispatcherHasNoLease() {
        Dispatcher fresh = dispatcher(event -> {
            handed.add(event.event().number());
            return new CompletableFuture<>();
        });
        submit(fresh, Events.batch("a"), OFTEN);
        assertThat(handed).isEmpty();
    }

    @Test
    void whatIsCancelledIsNotHandedOverAnyMore() {
        submit(OFTEN, "a", "a", "b");
        answer(down);
        dispatcher.cancel();
        answer(null);
        assertThat(handed).as("b was at the publisher").containsExactly(1L, 3L);
        now += SECOND;
        dispatcher.tend();
        assertThat(handed).hasSize(2);
        submit(OFTEN, "a", "b");
        assertThat(handed).as("their keys are free").hasSize(4);
    }

    @Test
    void whatIsReadAgainComesBehindWhatIsStillAtThePublisher() {
        submit(OFTEN, "a", "a");
        dispatcher.cancel();
        submit(OFTEN, "a", "a", "a");
        assertThat(handed).containsExactly(1L);
        for (int i = 0; i < 4; i++) {
            answer(null);
        }
        assertThat(handed).as("the second of the first time is gone").containsExactly(1L, 1L, 2L, 3L);
    }

    @Test
    void whatWasToBeParkedIsNotComingAnyMoreAfterACancel() {
        submit(OFTEN, "a");
        answer(refused);
        dispatcher.cancel();
        dispatcher.withParkedKeys(keys -> {
            keys.learn(List.of(), now);
            return true;
        });
        submit(OFTEN, "a");
        assertThat(handed).hasSize(2);
    }

    @Test
    void parkedEventsGoThoughTheirKeyIsParkedAndSurviveACancel() {
        submit(OFTEN, "a", "a");
        answer(refused);
        ParkedRound round = parkedRound();
        dispatcher.submit(round.begin());
        assertThat(handed).containsExactly(1L, 1L);
        answer(down);
        dispatcher.cancel();
        now += SECOND;
        dispatcher.tend();
        assertThat(handed).containsExactly(1L, 1L, 1L);
        answer(null);
        assertThat(handed).as("the next one of the key").containsExactly(1L, 1L, 1L, 2L);
        assertThat(round.isDone()).isFalse();
        answer(refused);
        assertThat(round.isDone()).isTrue();
        assertThat(submit(OFTEN, "a").isDone()).as("the key is still parked").isTrue();
    }

    @Test
    void aParkedEventThatIsGivenUpIsFollowedByTheNextOne() {
        ParkedRound round = parkedRound(ONCE);
        dispatcher.submit(round.begin());
        answer(refused);
        assertThat(handed).containsExactly(1L, 2L);
        answer(null);
        assertThat(round.isDone()).isTrue();
    }

    @Test
    void itIsTimeAgainWhenAParkedKeyIsDue() {
        submit(OFTEN, "a");
        answer(refused);
        assertThat(dispatcher.nanosUntilTending()).isBetween(SECOND / 10 * 8, SECOND / 10 * 12);
    }

    @Test
    void whoWaitsIsWokenByWhatEndsABatchAndByABrokerThatIsGone() throws Exception {
        submit(OFTEN, "a");
        assertWakes(() -> answer(null));
        submit(OFTEN, "a", "b");
        assertWakes(() -> answer(down));
        assertWakes(dispatcher::signal);
    }

    @Test
    @Timeout(60)
    void whatHasHappenedMeanwhileIsNotWaitedFor() throws Exception {
        dispatcher.signal();
        dispatcher.await(Duration.ofHours(1).toNanos());
        dispatcher.await(1);
    }

    @Test
    void whatFailsInAThreadOfThePublisherIsTakenByTheRelayOnce() throws Exception {
        submit(OFTEN, "a", "a");
        crashAt = CrashPoints.Point.AFTER_PUBLISH;
        assertWakes(() -> answer(null));
        crashAt = null;
        assertThat(dispatcher.takeFailure()).isSameAs(crash);
        assertThat(dispatcher.takeFailure()).isNull();
        submit(OFTEN, "a");
        assertThat(handed).as("nothing overtakes it").containsExactly(1L);
        dispatcher.cancel();
        submit(OFTEN, "a");
        assertThat(handed).containsExactly(1L, 1L);
    }

    @Test
    void whatAFailureOfOurOwnHasCutShortKeepsItsPlaceUntilItIsForgotten() {
        crashAt = CrashPoints.Point.BEFORE_PUBLISH;
        assertThatThrownBy(() -> submit(OFTEN, "a", "b")).isSameAs(crash);
        crashAt = null;
        submit(OFTEN, "a", "b");
        assertThat(handed).as("nothing overtakes them").isEmpty();
        dispatcher.cancel();
        submit(OFTEN, "a", "b");
        assertThat(handed).containsExactly(1L, 2L);
    }

    @Test
    void aFailureOfOurOwnWhileTheBrokerIsTriedDoesNotKeepItDown() {
        dispatcher.submit(parkedRound().begin());
        submit(OFTEN, "b");
        answer(down);
        answer(down);
        now += SECOND;
        crashAt = CrashPoints.Point.BEFORE_PUBLISH;
        assertThatThrownBy(dispatcher::tend).isSameAs(crash);
        crashAt = null;
        now += 2 * SECOND;
        dispatcher.tend();
        assertThat(handed).as("the next one tries it").containsExactly(1L, 1L, 1L);
        crashAt = CrashPoints.Point.AFTER_PUBLISH;
        answer(null);
        assertThat(dispatcher.takeFailure()).isSameAs(crash);
    }

    @Test
    void whatTriedTheBrokerWhenAFailureCameKeepsItsPlaceUntilItIsForgotten() {
        submit(OFTEN, "a");
        answer(down);
        now += SECOND;
        crashAt = CrashPoints.Point.BEFORE_PUBLISH;
        assertThatThrownBy(dispatcher::tend).isSameAs(crash);
        crashAt = null;
        now += 2 * SECOND;
        dispatcher.tend();
        submit(OFTEN, "a");
        assertThat(handed).as("nothing overtakes it").hasSize(1);
        dispatcher.cancel();
        submit(OFTEN, "a");
        assertThat(handed).hasSize(2);
    }

    @Test
    void aParkedEventThatAFailureHasCutShortIsForgotten() {
        crashAt = CrashPoints.Point.BEFORE_PUBLISH;
        assertThatThrownBy(() -> dispatcher.submit(parkedRound().begin())).isSameAs(crash);
        crashAt = null;
        dispatcher.cancel();
        submit(OFTEN, "a");
        assertThat(handed).hasSize(1);
    }

    @Test
    void whatIsParkedStaysToTryTheBrokerAfterACancel() {
        dispatcher.submit(parkedRound().begin());
        answer(down);
        dispatcher.cancel();
        assertThat(dispatcher.isBrokerDown()).isTrue();
        dispatcher.tend();
        assertThat(handed).as("not before the pause is over").hasSize(1);
    }

    /** None may find it locked by another one. */
    @Test
    void itIsThereForAllThreads() throws Exception {
        for (Runnable call : List.<Runnable>of(
                () -> submit(OFTEN, "a"),
                () -> answer(null),
                dispatcher::tend,
                dispatcher::cancel,
                dispatcher::signal,
                dispatcher::takeFailure)) {
            FutureTask<Boolean> elsewhere = new FutureTask<>(call, true);
            Thread thread = new Thread(elsewhere);
            thread.setDaemon(true);
            thread.start();
            assertThat(elsewhere.get(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void onlyWhatTheBrokerHasIsPublished() {
        crashAt = CrashPoints.Point.AFTER_PUBLISH;
        submit(OFTEN, "a", "b");
        answer(refused);
        answer(down);
        assertThat(dispatcher.takeFailure()).isNull();
    }

    @Test
    void afterACancelWhatIsReadNextTriesABrokerThatWasDown() {
        submit(OFTEN, "a", "b");
        answer(down);
        answer(down);
        assertThat(dispatcher.isBrokerDown()).isTrue();
        dispatcher.cancel();
        assertThat(dispatcher.isBrokerDown()).as("or nothing would be read").isFalse();
        submit(OFTEN, "c");
        assertThat(handed).hasSize(3);
        answer(down);
        assertThat(dispatcher.isBrokerDown()).isTrue();
    }

    private ParkedRound parkedRound() {
        return parkedRound(OFTEN);
    }

    /** Two parked events of one key, both due. */
    private ParkedRound parkedRound(RetryPolicy retries) {
        List<ParkedAttempt> attempts = List.of(attempt(1), attempt(2));
        ParkedKey key = new ParkedKey(Events.SHARD, "a", Duration.ZERO);
        return new ParkedRound(List.of(key), new ParkedEvents(attempts, Events.TOKEN), 50, retries, meters);
    }

    private static ParkedAttempt attempt(long number) {
        return new ParkedAttempt(
                Events.id(number), Events.SHARD, "a", Optional.of(Events.event("a", number)), 0, Duration.ZERO);
    }

    private Dispatcher dispatcher(EventPublisher publisher) {
        return new Dispatcher(publisher, TIMEOUT, meters, this::reached, () -> now);
    }

    private void reached(CrashPoints.Point point) {
        if (point == crashAt) {
            throw crash;
        }
    }

    private BatchUnderWay submit(RetryPolicy retries, String... keys) {
        return submit(dispatcher, Events.batch(keys), retries);
    }

    private BatchUnderWay submit(Dispatcher to, OutboxBatch events, RetryPolicy retries) {
        BatchUnderWay batch = to.withParkedKeys(keys -> new BatchUnderWay(events, retries, keys, meters, () -> now));
        to.submit(batch.deliveries());
        return batch;
    }

    /** Answers what waits for its answer the longest: it is taken, or fails with this. */
    private void answer(@Nullable Throwable error) {
        CompletableFuture<Void> oldest = unanswered.remove();
        if (error == null) {
            oldest.complete(null);
        } else {
            oldest.completeExceptionally(error);
        }
    }

    /** What happens wakes whoever waits. */
    private void assertWakes(Runnable what) throws Exception {
        FutureTask<Boolean> waiting = new FutureTask<>(() -> {
            dispatcher.await(Duration.ofHours(1).toNanos());
            return true;
        });
        Thread thread = new Thread(waiting);
        thread.setDaemon(true);
        thread.start();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(System.nanoTime() - deadline).as("somebody waits").isNegative();
            Thread.onSpinWait();
        }
        what.run();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
    }

    private static List<Long> unpublished(BatchUnderWay batch) {
        return batch.unpublished().stream()
                .map(each -> each.event().event().number())
                .toList();
    }

    private double counted(String name) {
        return registry.get(name).counter().count();
    }
}
