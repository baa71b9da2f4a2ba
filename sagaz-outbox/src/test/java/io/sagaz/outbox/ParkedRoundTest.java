package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.log.ParkedAttempt;
import io.sagaz.storage.log.ParkedEvents;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ParkedRoundTest {
    private static final long NOW = 7_000_000_000L;
    private static final int EACH = 3;
    private static final Duration OVERDUE = Duration.ofSeconds(-1);
    private static final RetryPolicy THRICE = new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(1));

    private final RuntimeException refused = new EventRefusedException("too large", null);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ParkedKeys keys = new ParkedKeys();

    @Test
    void theEventsOfAKeyGoOneAfterTheOther() {
        ParkedRound round = round(parked("a", 1, 1), parked("b", 2, 1), parked("a", 3, 0));
        List<Delivery> first = round.begin();
        assertThat(first)
                .allSatisfy(delivery -> {
                    assertThat(delivery.target()).isSameAs(round);
                    assertThat(delivery.isParked()).isTrue();
                    assertThat(delivery.outgoing().token()).isEqualTo(Events.TOKEN);
                })
                .extracting(ParkedRoundTest::number)
                .containsExactlyInAnyOrder(1L, 2L);
        Delivery next = Objects.requireNonNull(round.published(of("a", first)));
        assertThat(number(next)).isEqualTo(3);
        assertThat(round.published(of("b", first))).isNull();
        assertThat(round.isDone()).isFalse();
        assertThat(round.published(next)).isNull();
        assertThat(round.isDone()).isTrue();
        assertThat(round.settlements())
                .containsExactly(
                        new Settlement.Published(Events.id(1)),
                        new Settlement.Published(Events.id(2)),
                        new Settlement.Published(Events.id(3)));
    }

    @Test
    void aKeyOfWhichNothingIsLeftIsFree() {
        ParkedRound round = round(parked("a", 1, 1));
        round.published(round.begin().get(0));
        round.tell(keys, NOW);
        assertThat(keys.contains("a")).isFalse();
    }

    @Test
    void aKeyWithoutEventsIsFreeAtOnce() {
        learn("a");
        ParkedRound round = round(List.of("a"), List.of());
        assertThat(round.begin()).isEmpty();
        assertThat(round.isDone()).isTrue();
        round.tell(keys, NOW);
        assertThat(keys.contains("a")).isFalse();
    }

    @Test
    void aKeyThatMayHaveMoreIsTriedAgainAtOnce() {
        ParkedRound round = round(parked("a", 1, 1), parked("a", 2, 0), parked("a", 3, 0));
        Delivery delivery = round.begin().get(0);
        for (int i = 0; i < EACH; i++) {
            Delivery next = round.published(delivery);
            delivery = next == null ? delivery : next;
        }
        assertThat(round.isDone()).isTrue();
        round.tell(keys, NOW);
        assertThat(keys.takeDue(NOW, 1)).hasSize(1);
    }

    @Test
    void aFailureEndsTheTurnOfItsKey() {
        ParkedRound round = round(parked("a", 1, 1), parked("a", 2, 0));
        assertThat(round.failed(round.begin().get(0), refused)).isEqualTo(new Delivery.Verdict(true, null));
        assertThat(round.isDone()).isTrue();
        Settlement.Failed failed = (Settlement.Failed) round.settlements().get(0);
        assertThat(failed.retryIn()).isBetween(Duration.ofMillis(800), Duration.ofMillis(1_200));
        assertThat(round.settlements())
                .containsExactly(new Settlement.Failed(Events.id(1), 2, failed.retryIn(), refused.toString()));
        round.tell(keys, NOW);
        assertThat(keys.nanosUntilDue(NOW)).isEqualTo(failed.retryIn().toNanos());
    }

    @Test
    void afterTheLastAttemptAnEventIsADeadLetterAndTheNextOneGoesOn() {
        ParkedRound round = round(parked("a", 1, 2), parked("a", 2, 0));
        Delivery.Verdict verdict = round.failed(round.begin().get(0), refused);
        assertThat(verdict.followersWait()).isFalse();
        assertThat(number(verdict.next())).isEqualTo(2);
        assertThat(round.isDone()).isFalse();
        assertThat(round.settlements()).containsExactly(new Settlement.Dead(Events.id(1), 3, refused.toString()));
        assertThat(registry.get(RelayMeterNames.DEAD).counter().count()).isEqualTo(1);
    }

    @Test
    void anEventThatIsNotInTheOutboxAnyMoreIsADeadLetter() {
        ParkedRound round = round(gone("a", 1), gone("a", 2), parked("a", 3, 0));
        assertThat(round.begin()).extracting(ParkedRoundTest::number).containsExactly(3L);
        assertThat(round.settlements())
                .containsExactly(
                        new Settlement.Dead(Events.id(1), 1, "the event is not in the outbox any more"),
                        new Settlement.Dead(Events.id(2), 1, "the event is not in the outbox any more"));
        assertThat(registry.get(RelayMeterNames.DEAD).counter().count()).isEqualTo(2);
    }

    @Test
    void anEventThatFailedLatelyWaitsForItsTime() {
        Duration wait = Duration.ofMillis(300);
        ParkedRound round = round(parked("a", 1, 1), parked("a", 2, 1, wait), parked("a", 3, 0));
        assertThat(round.published(round.begin().get(0))).isNull();
        assertThat(round.isDone()).isTrue();
        round.tell(keys, NOW);
        assertThat(keys.nanosUntilDue(NOW)).isEqualTo(wait.toNanos());
    }

    @Test
    void anEventWhoseTimeHasComeOrThatOnlyWaitedBehindAnotherGoes() {
        ParkedRound round = round(parked("due", 1, 1, Duration.ZERO), parked("behind", 2, 0, Duration.ofSeconds(9)));
        assertThat(round.begin()).extracting(ParkedRoundTest::number).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void nothingOfItIsSkippedAndNothingOfOthersIsAnswered() {
        ParkedRound round = round(parked("a", 1, 1));
        Delivery stranger = round(parked("b", 2, 1)).begin().get(0);
        assertThatIllegalStateException().isThrownBy(() -> round.skipped(stranger));
        assertThatIllegalStateException()
                .isThrownBy(() -> round.published(stranger))
                .withMessageContaining("b");
    }

    private ParkedRound round(ParkedAttempt... attempts) {
        List<String> tried =
                Stream.of(attempts).map(ParkedAttempt::orderingKey).distinct().toList();
        learn(tried.toArray(new String[0]));
        return round(tried, List.of(attempts));
    }

    private ParkedRound round(List<String> tried, List<ParkedAttempt> attempts) {
        return new ParkedRound(
                tried.stream().map(ParkedRoundTest::key).toList(),
                new ParkedEvents(attempts, Events.TOKEN),
                EACH,
                THRICE,
                new RelayMeters(registry, "relay"));
    }

    /** They are known, and being tried. */
    private void learn(String... names) {
        keys.learn(Stream.of(names).map(ParkedRoundTest::key).toList(), NOW);
        keys.takeDue(NOW, names.length);
    }

    private static ParkedKey key(String name) {
        return new ParkedKey(Events.SHARD, name, OVERDUE);
    }

    private static ParkedAttempt parked(String key, long number, int attempts) {
        return parked(key, number, attempts, OVERDUE);
    }

    private static ParkedAttempt parked(String key, long number, int attempts, Duration dueIn) {
        return new ParkedAttempt(
                Events.id(number), Events.SHARD, key, Optional.of(Events.event(key, number)), attempts, dueIn);
    }

    private static ParkedAttempt gone(String key, long number) {
        return new ParkedAttempt(Events.id(number), Events.SHARD, key, Optional.empty(), 1, OVERDUE);
    }

    private static Delivery of(String key, List<Delivery> deliveries) {
        return deliveries.stream()
                .filter(delivery -> delivery.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static long number(@Nullable Delivery delivery) {
        return Objects.requireNonNull(delivery).sharded().event().number();
    }
}
