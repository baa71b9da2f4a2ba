package io.sagaz.storage.postgres.internal.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SnapshotTest {
    @Test
    void showsWhatWasComplete() {
        Snapshot snapshot = Snapshot.parse("10:20:10,14");
        assertThat(snapshot.shows(9)).isTrue();
        assertThat(snapshot.shows(10)).isFalse();
        assertThat(snapshot.shows(11)).isTrue();
        assertThat(snapshot.shows(14)).isFalse();
        assertThat(snapshot.shows(19)).isTrue();
        assertThat(snapshot.shows(20)).isFalse();
        assertThat(Snapshot.NOTHING.shows(1)).isFalse();
    }

    @Test
    void findsTheFirstThatWasOpenAndIsCompleteLater() {
        Snapshot before = Snapshot.parse("10:20:10,14");
        assertThat(before.firstCompletedBy(Snapshot.parse("10:20:10,14"), 20)).isEmpty();
        assertThat(before.firstCompletedBy(Snapshot.parse("10:30:10,20,25"), 20))
                .hasValue(14);
        assertThat(before.firstCompletedBy(Snapshot.parse("30:30:"), 20)).hasValue(10);
    }

    @Test
    void thoseBehindItsEndMayHaveBegunToo() {
        Snapshot before = Snapshot.parse("10:20:10");
        assertThat(before.firstCompletedBy(Snapshot.parse("10:25:10,20"), 22)).hasValue(21);
        assertThat(before.firstCompletedBy(Snapshot.parse("10:25:10,20,21"), 22))
                .isEmpty();
        assertThat(before.firstCompletedBy(Snapshot.parse("10:25:10,20"), 20)).isEmpty();
    }

    @Test
    void whatIsNoSnapshotIsRefused() {
        assertThatThrownBy(() -> Snapshot.parse("10:20")).hasMessageContaining("10:20");
    }

    @Test
    void isItsText() {
        Snapshot snapshot = Snapshot.parse("10:20:10,14");
        assertThat(snapshot).hasToString("10:20:10,14");
        assertThat(snapshot).isEqualTo(Snapshot.parse("10:20:10,14")).hasSameHashCodeAs(Snapshot.parse("10:20:10,14"));
        assertThat(snapshot)
                .isNotEqualTo(Snapshot.parse("10:20:10"))
                .isNotEqualTo("10:20:10,14")
                .isNotEqualTo(null);
    }
}
