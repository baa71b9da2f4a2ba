package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnfinishedTest {
    @Test
    void whatHasEndedOnThePrimaryIsShown() {
        assertThat(Unfinished.in("20:20:", 20).isEmpty()).isTrue();
        assertThat(Unfinished.in("25:30:25,27", 20).isEmpty()).isTrue();
        assertThat(Unfinished.in("20:20:", 0).isEmpty()).isTrue();
    }

    @Test
    void whatIsStillInItsListIsNot() {
        assertThat(Unfinished.in("12:20:12,15,19", 16).transactions()).containsExactly(12L, 15L);
        assertThat(Unfinished.in("12:20:12,15,19", 15).transactions()).containsExactly(12L);
        assertThat(Unfinished.in("12:20:12,15,19", 16).isEmpty()).isFalse();
    }

    /** The end of a snapshot is behind the last transaction that has ended, not behind the last that has begun. */
    @Test
    void whatTheSnapshotHasNotComeToIsNot() {
        assertThat(Unfinished.in("20:20:", 22).transactions()).containsExactly(20L, 21L);
        assertThat(Unfinished.in("12:20:12", 21).transactions()).containsExactly(12L, 20L);
    }

    @Test
    void soManyAtOnceThatMostHaveJustEndedAreNotAllNamed() {
        assertThat(Unfinished.in("20:20:", 20 + 10_000).transactions()).hasSize(10_000);
        assertThat(Unfinished.in("20:20:", Long.MAX_VALUE).transactions())
                .hasSize(10_000)
                .startsWith(20L);
    }
}
