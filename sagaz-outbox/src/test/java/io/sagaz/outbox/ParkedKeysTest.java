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
}
