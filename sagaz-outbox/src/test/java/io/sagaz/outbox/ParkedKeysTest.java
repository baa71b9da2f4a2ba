package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.log.ParkedKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParkedKeysTest {
    private static final ParkedKey OVERDUE = new ParkedKey(1, "k", Duration.ofSeconds(-1));

    private final ParkedKeys keys = new ParkedKeys();

    @Test
    void aKeyIsTriedByOneAtATimeAndWhenItIsDue() {
        keys.learn(List.of(OVERDUE, new ParkedKey(2, "later", Duration.ofSeconds(10))), 0);
        assertThat(keys.takeDue(0, 10)).extracting(ParkedKey::orderingKey).containsExactly("k");
        assertThat(keys.takeDue(0, 10)).as("it is being tried").isEmpty();
        keys.retry("k", 5);
        assertThat(keys.takeDue(4, 10)).isEmpty();
        assertThat(keys.takeDue(5, 10)).hasSize(1);
    }

    @Test
    void aKeyIsFreeWhenNothingOfItIsLeftOrComing() {
        keys.learn(List.of(OVERDUE), 0);
        keys.add("k", 1, 0);
        keys.tried("k", 0);
        assertThat(keys.contains("k")).as("one more is coming").isTrue();
        keys.arrived("k");
        keys.tried("k", 0);
        assertThat(keys.contains("k")).isFalse();
    }

    @Test
    void whatTheDatabaseDoesNotKnowIsFreeUnlessItIsComingOrBeingTried() {
        keys.add("coming", 1, 0);
        keys.learn(List.of(OVERDUE), 0);
        assertThat(keys.takeDue(0, 10)).hasSize(2);
        keys.learn(List.of(), 0);
        assertThat(keys.contains("k")).as("it is being tried").isTrue();
        keys.retry("k", 0);
        keys.learn(List.of(), 0);
        assertThat(keys.contains("k")).isFalse();
        assertThat(keys.contains("coming")).isTrue();
    }

    @Test
    void whatWasBeingTriedWhenAllWasForgottenIsTriedAgain() {
        keys.learn(List.of(OVERDUE), 0);
        assertThat(keys.takeDue(0, 10)).hasSize(1);
        keys.clear();
        keys.learn(List.of(OVERDUE), 0);
        assertThat(keys.takeDue(0, 10)).hasSize(1);
    }

    @Test
    void noMoreKeysAreTakenThanAreAskedFor() {
        keys.add("a", 1, 0);
        keys.add("b", 1, 0);
        keys.add("c", 1, 0);
        assertThat(keys.size()).isEqualTo(3);
        assertThat(keys.takeDue(0, 2)).hasSize(2);
        assertThat(keys.takeDue(0, 2)).hasSize(1);
    }

    @Test
    void theNextOneIsDueWhenTheEarliestIsThatNobodyTries() {
        assertThat(keys.nanosUntilDue(0)).as("none").isEqualTo(Long.MAX_VALUE);
        keys.add("later", 1, 50);
        keys.add("soon", 1, 20);
        assertThat(keys.nanosUntilDue(5)).isEqualTo(15);
        assertThat(keys.nanosUntilDue(20)).isZero();
        assertThat(keys.nanosUntilDue(25)).as("overdue").isZero();
        keys.takeDue(20, 1);
        assertThat(keys.nanosUntilDue(20)).as("the other one").isEqualTo(30);
    }

    @Test
    void aKeyIsDueWithTheFirstOfItsEvents() {
        keys.add("k", 1, 10);
        keys.add("k", 1, 90);
        assertThat(keys.nanosUntilDue(0)).isEqualTo(10);
        keys.arrived("k");
        keys.tried("k", 70);
        assertThat(keys.nanosUntilDue(0)).as("one more is coming").isEqualTo(70);
        keys.arrived("k");
        keys.tried("k", 0);
        assertThat(keys.contains("k")).isFalse();
    }

    @Test
    void whatArrivesThoughNothingOfItWasComingDoesNotHoldItsKey() {
        keys.learn(List.of(OVERDUE), 0);
        keys.arrived("k");
        keys.tried("k", 0);
        assertThat(keys.contains("k")).isFalse();
    }

    @Test
    void whatIsReadAgainIsNotComingAnyMore() {
        keys.add("k", 1, 0);
        keys.forgetComing();
        keys.tried("k", 0);
        assertThat(keys.contains("k")).isFalse();
    }

    @Test
    void theDatabaseSaysWhenAKeyIsDue() {
        keys.add("k", 1, 500);
        keys.learn(List.of(new ParkedKey(1, "k", Duration.ofNanos(10))), 100);
        assertThat(keys.nanosUntilDue(100)).as("somebody has made it due").isEqualTo(10);
        assertThat(keys.takeDue(110, 1)).hasSize(1);
        keys.learn(List.of(new ParkedKey(1, "k", Duration.ofNanos(10))), 200);
        assertThat(keys.takeDue(210, 1)).as("it is being tried").isEmpty();
    }

    @Test
    void nothingHappensToAKeyThatIsFreeByNow() {
        keys.arrived("k");
        keys.retry("k", 0);
        keys.tried("k", 0);
        assertThat(keys.contains("k")).isFalse();
    }
}
