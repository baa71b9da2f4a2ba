package io.sagaz.testkit.assertj;

import static io.sagaz.testkit.assertj.SagazAssertions.assertThat;
import static io.sagaz.testkit.assertj.SagazAssertions.assertThatEvents;
import static io.sagaz.testkit.assertj.SagazAssertions.assertThatSaga;
import static io.sagaz.testkit.assertj.SagazAssertions.assertThatTrail;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.StoredEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SagazAssertionsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final SagaId ID = SagaId.parse("019ca94a-8d00-7000-8000-000000000001");
    private static final UUID ENTRY = UUID.fromString("019ca94a-8d00-7000-8000-000000000002");
    private static final Saga SAGA = new Saga(
            new SagaSummary(
                    ID,
                    "order",
                    SagaStatus.RUNNING,
                    3,
                    NOON,
                    Optional.empty(),
                    Optional.of("host-1"),
                    Optional.of(NOON)),
            "{\"amount\": \"10%\"}",
            Optional.of("{\"paid\": 10}"),
            Optional.of("the card was declined"),
            Optional.of("order-42"),
            List.of(
                    new SagaStep(
                            "charge",
                            0,
                            StepStatus.SUCCESS,
                            Optional.of("{\"id\": 7}"),
                            Optional.empty(),
                            0,
                            Optional.of(NOON),
                            Optional.of(NOON)),
                    new SagaStep(
                            "ship",
                            1,
                            StepStatus.FAILED,
                            Optional.empty(),
                            Optional.of("no truck"),
                            2,
                            Optional.of(NOON),
                            Optional.empty())));
    private static final String PRINTED =
            "  saga 019ca94a-8d00-7000-8000-000000000001 \"order\", RUNNING, version 3, updated 2026-03-01T12:00:00Z,"
                    + " owner host-1 until 2026-03-01T12:00:00Z"
                    + "\n    key order-42"
                    + "\n    error the card was declined"
                    + "\n    result {\"paid\": 10}"
                    + "\n    context {\"amount\": \"10%\"}"
                    + "\n    step 0 \"charge\" SUCCESS, output {\"id\": 7}"
                    + "\n    step 1 \"ship\" FAILED, retries 2, error no truck";
    private static final ReadReceipt RECEIPT = new ReadReceipt(
            ReadSource.REPLICA, "replica-1", Optional.of(Duration.ofMillis(700)), RouteReason.REPLICA_FRESH);
    private static final ReadReceipt UNPROVED =
            new ReadReceipt(ReadSource.REPLICA, "replica-1", Optional.empty(), RouteReason.ANY_ACCEPTED);
    private static final StoredEvent FIRST = event(1, "orders", "k1", "placed");
    private static final StoredEvent SECOND = event(2, "orders", "k2", "placed");
    private static final StoredEvent THIRD = event(3, "orders", "k1", "paid");
    private static final StoredEvent OTHER = event(4, "payments", "k1", "paid");
    private static final List<StoredEvent> EVENTS = List.of(FIRST, SECOND, THIRD, OTHER);
    private static final List<AuditRecord> TRAIL = List.of(
            entry("SAGA_STARTED", Optional.empty(), Optional.empty()),
            entry("STEP_FAILED", Optional.of("ship"), Optional.of("worker-3")));

    private static StoredEvent event(long number, String topic, String key, String type) {
        return new StoredEvent(
                new UUID(1, number),
                NOON,
                number,
                Optional.of(ID),
                topic,
                Optional.of(key),
                Optional.of(type),
                new EventPayload.Json("{\"n\": " + number + "}"),
                Map.of());
    }

    private static AuditRecord entry(String type, Optional<String> step, Optional<String> actor) {
        return new AuditRecord(ENTRY, NOON, ID, Optional.of(3L), type, step, actor, "{}");
    }

    @Test
    void aSagaIsAsItIs() {
        assertThat(SAGA)
                .hasStatus(SagaStatus.RUNNING)
                .isNotFinished()
                .hasVersion(3)
                .hasName("order")
                .hasIdempotencyKey("order-42")
                .isOwnedBy("host-1")
                .hasErrorContaining("declined")
                .hasSteps("charge", "ship")
                .hasStepStatuses(StepStatus.SUCCESS, StepStatus.FAILED)
                .step("ship")
                .hasStatus(StepStatus.FAILED)
                .hasRetries(2)
                .hasErrorContaining("truck")
                .andItsSaga()
                .step("charge")
                .hasNoError()
                .output()
                .contains("7");
        assertThat(SAGA).result().isEqualTo("{\"paid\": 10}");
        assertThat(SAGA).context().contains("amount");
        assertThatSaga(new ReadResult<>(Optional.of(SAGA), RECEIPT)).hasVersion(3);
        Saga finished = new Saga(
                new SagaSummary(
                        ID,
                        "order",
                        SagaStatus.SUCCESS,
                        4,
                        NOON,
                        Optional.of(NOON),
                        Optional.empty(),
                        Optional.empty()),
                "{}",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
        assertThat(finished).isFinished().hasNoOwner().hasNoError().hasSteps();
    }

    /** What is asked and the first line of the answer. */
    private record Failing(String message, ThrowingCallable asked) {
        @Override
        public String toString() {
            return message;
        }
    }

    static List<Failing> ofSagas() {
        return List.of(
                new Failing(
                        "Expected status SUCCESS, but it is RUNNING of",
                        () -> assertThat(SAGA).hasStatus(SagaStatus.SUCCESS)),
                new Failing(
                        "Expected to be finished, but it is",
                        () -> assertThat(SAGA).isFinished()),
                new Failing(
                        "Expected version 4, but it is 3 of",
                        () -> assertThat(SAGA).hasVersion(4)),
                new Failing(
                        "Expected name invoice, but it is order of",
                        () -> assertThat(SAGA).hasName("invoice")),
                new Failing(
                        "Expected idempotency key order-43, but it is order-42 of",
                        () -> assertThat(SAGA).hasIdempotencyKey("order-43")),
                new Failing(
                        "Expected owner host-2, but it is host-1 of",
                        () -> assertThat(SAGA).isOwnedBy("host-2")),
                new Failing(
                        "Expected owner none, but it is host-1 of",
                        () -> assertThat(SAGA).hasNoOwner()),
                new Failing(
                        "Expected an error that contains \"expired\", but it is",
                        () -> assertThat(SAGA).hasErrorContaining("expired")),
                new Failing(
                        "Expected no error, but it is", () -> assertThat(SAGA).hasNoError()),
                new Failing(
                        "Expected steps [ship, charge], but it is [charge, ship] of",
                        () -> assertThat(SAGA).hasSteps("ship", "charge")),
                new Failing(
                        "Expected statuses of its steps [SUCCESS], but it is [SUCCESS, FAILED] of",
                        () -> assertThat(SAGA).hasStepStatuses(StepStatus.SUCCESS)),
                new Failing(
                        "Expected a step \"pack\", but of",
                        () -> assertThat(SAGA).step("pack")),
                new Failing(
                        "Expected status SUCCESS of step \"ship\", but it is",
                        () -> assertThat(SAGA).step("ship").hasStatus(StepStatus.SUCCESS)),
                new Failing(
                        "Expected 1 retries of step \"ship\", but it is",
                        () -> assertThat(SAGA).step("ship").hasRetries(1)),
                new Failing(
                        "Expected an error that contains \"x\" of step \"charge\", but it is",
                        () -> assertThat(SAGA).step("charge").hasErrorContaining("x")),
                new Failing(
                        "Expected no error of step \"ship\", but it is",
                        () -> assertThat(SAGA).step("ship").hasNoError()),
                new Failing(
                        "Expected an output of step \"ship\", but it is",
                        () -> assertThat(SAGA).step("ship").output()));
    }

    @ParameterizedTest
    @MethodSource("ofSagas")
    void aFailurePrintsTheWholeSaga(Failing failing) {
        assertThatThrownBy(failing.asked())
                .isInstanceOf(AssertionError.class)
                .hasMessage(failing.message() + "\n" + PRINTED);
    }

    @Test
    void whatOthersAssertPrintsTheWholeSagaToo() {
        assertThatThrownBy(() -> assertThat(SAGA).result().isEqualTo("{}")).hasMessageContaining(PRINTED);
        assertThatThrownBy(() -> assertThat(SAGA).context().isEqualTo("{}")).hasMessageContaining(PRINTED);
        assertThatThrownBy(() -> assertThat(SAGA).step("charge").output().isEqualTo("{}"))
                .hasMessageContaining(PRINTED);
    }

    @Test
    void theDescriptionOfTheCallerComesFirst() {
        assertThatThrownBy(() -> assertThat(SAGA).as("after the payment").hasVersion(4))
                .hasMessageStartingWith("[after the payment] Expected version 4");
    }

    @Test
    void aSagaThatIsNotThereIsToldWithWhereItWasLookedFor() {
        assertThatThrownBy(() -> assertThatSaga(new ReadResult<>(Optional.empty(), RECEIPT)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("Expected a saga, but none was found\n"
                        + "  answer of REPLICA replica-1, reason REPLICA_FRESH, staleness PT0.7S");
    }

    @Test
    void aReceiptIsAsItIs() {
        assertThat(RECEIPT)
                .isFrom(ReadSource.REPLICA)
                .hasReason(RouteReason.REPLICA_FRESH)
                .isAtMostStale(Duration.ofMillis(700));
        assertThat(UNPROVED).isOfUnknownStaleness();
    }

    @Test
    void aFailurePrintsTheReceipt() {
        String printed = ", but it is\n  answer of REPLICA replica-1, reason REPLICA_FRESH, staleness PT0.7S";
        assertThatThrownBy(() -> assertThat(RECEIPT).isFrom(ReadSource.PRIMARY))
                .hasMessage("Expected source PRIMARY" + printed);
        assertThatThrownBy(() -> assertThat(RECEIPT).hasReason(RouteReason.ANY_ACCEPTED))
                .hasMessage("Expected reason ANY_ACCEPTED" + printed);
        assertThatThrownBy(() -> assertThat(RECEIPT).isAtMostStale(Duration.ofMillis(699)))
                .hasMessage("Expected at most PT0.699S stale" + printed);
        assertThatThrownBy(() -> assertThat(RECEIPT).isOfUnknownStaleness())
                .hasMessage("Expected an unknown staleness" + printed);
        assertThatThrownBy(() -> assertThat(UNPROVED).isAtMostStale(Duration.ofDays(1)))
                .hasMessageEndingWith("staleness unknown");
    }

    @Test
    void eventsAreAsTheyAre() {
        assertThatEvents(EVENTS).hasSize(4).haveNoDuplicates().areInTheOrderOfTheirKeys();
        assertThatEvents(EVENTS).toTopic("orders").haveTypes("placed", "placed", "paid");
        assertThatEvents(EVENTS).toTopic("orders").withKey("k1").payloads().containsExactly("{\"n\": 1}", "{\"n\": 3}");
        assertThatEvents(EVENTS).ofSaga(ID).ofType("paid").hasSize(2);
        assertThatEvents(EVENTS).toTopic("refunds").isEmpty();
        assertThatEvents(List.of(SECOND, FIRST)).as("of two keys").areInTheOrderOfTheirKeys();
        assertThatEvents(List.of(bytes())).payloads().containsExactly("grün");
    }

    private static StoredEvent bytes() {
        return new StoredEvent(
                ENTRY,
                NOON,
                5,
                Optional.empty(),
                "orders",
                Optional.empty(),
                Optional.empty(),
                new EventPayload.Bytes("grün".getBytes(StandardCharsets.UTF_8), "text/plain"),
                Map.of());
    }

    static List<Failing> ofEvents() {
        return List.of(
                new Failing(
                        "Expected 2 events to topic orders, but there are 3 among",
                        () -> assertThatEvents(EVENTS).toTopic("orders").hasSize(2)),
                new Failing(
                        "Expected no events with key k2, but there are 1 among",
                        () -> assertThatEvents(EVENTS).withKey("k2").isEmpty()),
                new Failing(
                        "Expected 1 events of saga " + ENTRY + ", but there are 0 among",
                        () -> assertThatEvents(EVENTS).ofSaga(new SagaId(ENTRY)).hasSize(1)),
                new Failing(
                        "Expected types [paid, placed] of events to topic orders with key k1, but there are 2 among",
                        () -> assertThatEvents(EVENTS)
                                .toTopic("orders")
                                .withKey("k1")
                                .haveTypes("paid", "placed")));
    }

    @ParameterizedTest
    @MethodSource("ofEvents")
    void aFailurePrintsAllEvents(Failing failing) {
        assertThatThrownBy(failing.asked()).isInstanceOf(AssertionError.class).hasMessage(failing.message() + """

                                  1 to orders, type placed, key k1, id 00000000-0000-0001-0000-000000000001, {"n": 1}
                                  2 to orders, type placed, key k2, id 00000000-0000-0001-0000-000000000002, {"n": 2}
                                  3 to orders, type paid, key k1, id 00000000-0000-0001-0000-000000000003, {"n": 3}
                                  4 to payments, type paid, key k1, id 00000000-0000-0001-0000-000000000004, {"n": 4}\
                                """);
    }

    @Test
    void eventsOutOfOrderAndDuplicatesAreFound() {
        assertThatThrownBy(() -> assertThatEvents(List.of(THIRD, SECOND, FIRST)).areInTheOrderOfTheirKeys())
                .hasMessageStartingWith("Expected the order of each key in the events, but there are 3 among");
        assertThatThrownBy(() -> assertThatEvents(List.of(FIRST, FIRST)).haveNoDuplicates())
                .hasMessageStartingWith("Expected no duplicates among events, but there are 2 among");
        assertThatThrownBy(() -> assertThatEvents(List.of(bytes())).payloads().isEmpty())
                .hasMessageContaining("Bytes[5 of text/plain]");
        assertThatThrownBy(() -> assertThatEvents(List.of()).hasSize(1)).hasMessageEndingWith("among\n  (none)");
    }

    @Test
    void aTrailIsAsItIs() {
        assertThatTrail(TRAIL)
                .hasTypes("SAGA_STARTED", "STEP_FAILED")
                .hasEntry("SAGA_STARTED")
                .hasEntryOfStep("STEP_FAILED", "ship")
                .hasEntryBy("STEP_FAILED", "worker-3");
    }

    @Test
    void aFailurePrintsTheTrail() {
        String printed = """
                , but the trail is
                  2026-03-01T12:00:00Z SAGA_STARTED, version 3, step -, actor -, {}
                  2026-03-01T12:00:00Z STEP_FAILED, version 3, step ship, actor worker-3, {}""";
        assertThatThrownBy(() -> assertThatTrail(TRAIL).hasTypes("SAGA_STARTED"))
                .hasMessage("Expected types [SAGA_STARTED]" + printed);
        assertThatThrownBy(() -> assertThatTrail(TRAIL).hasEntry("SAGA_ENDED"))
                .hasMessage("Expected an entry SAGA_ENDED" + printed);
        assertThatThrownBy(() -> assertThatTrail(TRAIL).hasEntryOfStep("STEP_FAILED", "charge"))
                .hasMessage("Expected an entry STEP_FAILED of step charge" + printed);
        assertThatThrownBy(() -> assertThatTrail(TRAIL).hasEntryBy("STEP_FAILED", "worker-1"))
                .hasMessage("Expected an entry STEP_FAILED by worker-1" + printed);
    }
}
