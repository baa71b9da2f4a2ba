package io.sagaz.testkit.assertj;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.StoredEvent;
import java.util.Collection;
import java.util.Optional;

/**
 * Assertions on what Sagaz returns. A failure prints the saga, the trail or the events as a whole.
 *
 * <pre>{@code
 * import static io.sagaz.testkit.assertj.SagazAssertions.*;
 *
 * assertThatSaga(store.reads().find(id)).hasStatus(SUCCESS).hasSteps("charge", "ship").step("charge").hasStatus(SUCCESS);
 * assertThat(store.reads().find(id).receipt()).isFrom(REPLICA).isAtMostStale(Duration.ofSeconds(5));
 * assertThatEvents(store.reads().events(id, PageRequest.first(100)).value().items()).toTopic("orders").haveTypes("paid");
 * }</pre>
 *
 * <p>AssertJ is an optional dependency of the testkit: whoever uses this has it.
 */
public final class SagazAssertions {
    private SagazAssertions() {}

    /** Of a saga. */
    public static SagaAssert assertThat(Saga saga) {
        return new SagaAssert(saga);
    }

    /**
     * Of the saga that was found.
     *
     * @throws AssertionError if none was; it tells where the answer came from
     */
    public static SagaAssert assertThatSaga(ReadResult<Optional<Saga>> found) {
        return new SagaAssert(found.value()
                .orElseThrow(() -> new AssertionError(
                        "Expected a saga, but none was found" + System.lineSeparator() + Prints.of(found.receipt()))));
    }

    /** Of how fresh an answer is. */
    public static ReceiptAssert assertThat(ReadReceipt receipt) {
        return new ReceiptAssert(receipt);
    }

    /**
     * Of events: those of a saga ({@code reads.events(…)}), or those that a publisher was given.
     *
     * @param events in the order in which they were emitted or have arrived
     */
    public static EventsAssert assertThatEvents(Collection<StoredEvent> events) {
        return EventsAssert.of(events);
    }

    /**
     * Of what the audit log tells of a saga ({@code reads.auditTrail(…)}).
     *
     * @param trail the oldest first
     */
    public static TrailAssert assertThatTrail(Collection<AuditRecord> trail) {
        return TrailAssert.of(trail);
    }
}
