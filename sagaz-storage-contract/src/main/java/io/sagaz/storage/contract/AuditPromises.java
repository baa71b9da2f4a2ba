package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The audit log is only added to. */
abstract class AuditPromises extends Promises {
    AuditPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("takes entries of a saga, finished or not, which stays as it is")
    void aSagaIsAnnotated() {
        SagaId id = started("pay");
        assertThat(writes().annotate(
                                id,
                                AuditEntry.of("FIRST")
                                        .step("pay")
                                        .actor("alice")
                                        .json("{\"n\":[1,null]}")))
                .isTrue();
        writes().apply(id, 1, SagaChange.to(SagaStatus.FAILED));
        assertThat(writes().annotate(id, AuditEntry.of("SECOND"))).isTrue();

        assertThat(find(id).version()).isEqualTo(2);
        List<AuditRecord> trail = trail(id);
        assertThat(trail)
                .extracting(AuditRecord::type, entry -> entry.version().orElseThrow())
                .containsExactly(
                        tuple("SAGA_STARTED", 1L), tuple("FIRST", 1L), tuple("SAGA_CHANGED", 2L), tuple("SECOND", 2L));
        AuditRecord first = trail.get(1);
        assertThat(first.saga()).isEqualTo(id);
        assertThat(first.step()).contains("pay");
        assertThat(first.actor()).contains("alice");
        assertThat(compact(first.data())).isEqualTo("{\"n\":[1,null]}");
    }

    @Test
    @DisplayName("takes none of a saga that is not there")
    void nobodyIsNotAnnotated() {
        SagaId nobody = SagaId.next();
        assertThat(writes().annotate(nobody, AuditEntry.of("NEVER"))).isFalse();
        assertThat(trail(nobody)).isEmpty();
    }

    @Test
    @DisplayName("keeps two entries that say the same")
    void theSameEntryTwiceIsTwoEntries() {
        SagaId id = started();
        AuditEntry entry = AuditEntry.of("NOTE");
        assertThat(writes().annotate(id, entry)).isTrue();
        assertThat(writes().annotate(id, entry)).isTrue();
        assertThat(trail(id)).hasSize(3).extracting(AuditRecord::id).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("is told from its beginning, with identifiers that carry the time")
    void aTrailIsInTheOrderOfItsTimes() {
        SagaId id = started();
        for (int i = 0; i < 30; i++) {
            writes().annotate(id, AuditEntry.of("NOTE").json(String.valueOf(i)));
        }
        List<AuditRecord> trail = trail(id);
        assertThat(trail).hasSize(31);
        assertThat(trail).isSortedAccordingTo((a, b) -> a.id().toString().compareTo(b.id().toString()));
        assertThat(trail)
                .allSatisfy(entry -> assertThat(entry.createdAt()).isEqualTo(new SagaId(entry.id()).createdAt()));
    }

    @Test
    @DisplayName("refuses bad input, and has nothing of it then")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badEntriesAreRefused() {
        SagaId id = started();
        refuses(() -> writes().annotate(null, AuditEntry.of("NOTE")));
        refuses(() -> writes().annotate(id, null));
        refuses(() -> writes().annotate(id, AuditEntry.of("NOTE").json("{")));
        assertThat(trail(id)).hasSize(1);
    }
}
