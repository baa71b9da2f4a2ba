package io.sagaz.storage.postgres.internal.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.CausalToken;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TicksTest {
    private static final UUID LIFE = new UUID(1, 1);
    private static final CausalToken TOKEN = new CausalToken(1, 1, 1);
    private static final int MOST = 4_096;

    private final Ticks ticks = new Ticks();

    @Test
    void whatATransactionEmitsLiesBehindWhereTheLogWasWhenItBegan() {
        add(10, 100);
        add(20, 200);
        assertThat(ticks.before(25, 0)).isEqualTo(200);
        assertThat(ticks.before(20, 0)).as("the first that began then").isEqualTo(200);
        assertThat(ticks.before(19, 0)).isEqualTo(100);
        assertThat(ticks.before(10, 0)).isEqualTo(100);
    }

    @Test
    void whereNothingIsRememberedTheCallerKnowsBest() {
        assertThat(ticks.before(10, 7)).isEqualTo(7);
        add(10, 100);
        assertThat(ticks.before(9, 7)).isEqualTo(7);
        assertThat(ticks.before(10, 300)).isEqualTo(300);
        ticks.clear();
        assertThat(ticks.before(10, 7)).isEqualTo(7);
    }

    @Test
    void aLogOnWhichNoTransactionBeginsPushesNothingOut() {
        add(10, 100);
        add(20, 200);
        for (int i = 0; i < 2 * MOST; i++) {
            add(30, 300 + i);
        }
        assertThat(ticks.before(10, 0)).isEqualTo(100);
        assertThat(ticks.before(20, 0)).isEqualTo(200);
        assertThat(ticks.before(30, 0)).isEqualTo(300 + 2 * MOST - 1);
    }

    @Test
    void manyAreRememberedExactly() {
        addEach(MOST);
        for (int i = 1; i <= MOST; i++) {
            assertThat(ticks.before(10L * i, 0)).isEqualTo(i);
        }
    }

    @Test
    void ofMoreThanThatFewAreKeptAndNoneIsTooHigh() {
        int more = 5 * MOST;
        addEach(more);
        Set<Long> kept = new HashSet<>();
        for (int i = 1; i <= more; i++) {
            long seq = ticks.before(10L * i, 0);
            assertThat(seq).isBetween(1L, (long) i);
            kept.add(seq);
        }
        assertThat(kept).hasSizeBetween(MOST / 2, MOST).contains(1L, (long) more);
    }

    @Test
    void whatNobodyWillAskForMakesRoom() {
        int last = 3 * MOST;
        int asked = MOST - 1;
        for (int i = 1; i <= last; i++) {
            add(10L * i, i);
            ticks.forgetBelow(10L * (i - asked + 1));
        }
        for (int i = last - asked + 1; i <= last; i++) {
            assertThat(ticks.before(10L * i, 0)).isEqualTo(i);
        }
    }

    @Test
    void whatStillHoldsIsNotForgotten() {
        add(10, 100);
        add(20, 200);
        add(30, 300);
        ticks.forgetBelow(29);
        assertThat(ticks.before(29, 0)).as("it began after 20 did").isEqualTo(200);
        assertThat(ticks.before(30, 0)).isEqualTo(300);
        ticks.forgetBelow(1_000);
        assertThat(ticks.before(1_000, 0)).as("the newest stays").isEqualTo(300);
    }

    private void addEach(int number) {
        for (int i = 1; i <= number; i++) {
            add(10L * i, i);
        }
    }

    private void add(long nextTransaction, long lastSeq) {
        ticks.add(new LogPosition(LIFE, lastSeq, Snapshot.NOTHING, nextTransaction, TOKEN));
    }
}
