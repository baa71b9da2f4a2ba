package io.sagaz.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets one clear error that names the argument, the bound and the value. */
@SuppressWarnings("NullAway")
class ArgumentsTest {
    private static final String LONG = "n".repeat(256);

    private static InboxDelivery delivery() {
        return InboxDelivery.of(new UUID(0, 0));
    }

    static Stream<Arguments> badInput() {
        return Stream.of(
                bad("NewSaga.name must not be null", () -> NewSaga.named(null)),
                bad("NewSaga.name must not be blank", () -> NewSaga.named(" ")),
                bad("NewSaga.name must have at most 255 characters but has 256", () -> NewSaga.named(LONG)),
                bad("NewSaga.name must not contain U+0000", () -> NewSaga.named("a\0b")),
                bad("NewSaga.name must not contain half of a surrogate pair", () -> NewSaga.named("a\ud83d")),
                bad("NewSaga.name must not contain half of a surrogate pair", () -> NewSaga.named("\ude00a")),
                bad(
                        "NewSaga.steps must not name a step twice: \"a\"",
                        () -> NewSaga.named("s").steps("a", "b", "a")),
                bad(
                        "NewSaga.steps element must not be null",
                        () -> NewSaga.named("s").steps("a", null)),
                bad("NewSaga.steps must not be null", () -> NewSaga.named("s").steps((String[]) null)),
                bad(
                        "SagaFilter.status element must not be null",
                        () -> SagaFilter.all().status(SagaStatus.FAILED, (SagaStatus) null)),
                bad(
                        "SagaFilter.status must not be null",
                        () -> SagaFilter.all().status(SagaStatus.FAILED, (SagaStatus[]) null)),
                bad("Set the clock", () -> SagaId.next(Clock.fixed(Instant.ofEpochMilli(-1), ZoneOffset.UTC))),
                bad("Set the clock", () -> SagaId.next(Clock.fixed(Instant.ofEpochMilli(1L << 48), ZoneOffset.UTC))),
                bad("NewSaga.id must not be null", () -> NewSaga.named("s").id(null)),
                bad("NewSaga.context must not be null", () -> NewSaga.named("s").context(null)),
                bad(
                        "NewSaga.idempotencyKey must have at most 255",
                        () -> NewSaga.named("s").idempotencyKey(LONG)),
                bad("NewSaga.event must not be null", () -> NewSaga.named("s").emit(null)),
                bad("OutboxEvent.topic must not be blank", () -> OutboxEvent.to("")),
                bad(
                        "OutboxEvent.key must not be null",
                        () -> OutboxEvent.to("t").key(null)),
                bad(
                        "OutboxEvent.type must have at most 255",
                        () -> OutboxEvent.to("t").type(LONG)),
                bad(
                        "OutboxEvent.payload must not be null",
                        () -> OutboxEvent.to("t").json(null)),
                bad(
                        "OutboxEvent.header a must not be null",
                        () -> OutboxEvent.to("t").header("a", null)),
                bad("SagaChange.status must not be null", () -> SagaChange.to(null)),
                bad(
                        "SagaChange.steps must not name a step twice: \"a\"",
                        () -> SagaChange.stepStarted("a").andStep("a", StepStatus.SUCCESS)),
                bad("StepChange.name must have at most 255", () -> SagaChange.stepStarted(LONG)),
                bad("SagaChange.error must not contain U+0000", () -> SagaChange.stepFailed("a", "\0")),
                bad(
                        "ReadConsistency.staleness must be positive but is PT0S",
                        () -> ReadConsistency.atMost(Duration.ZERO)),
                bad("ReadConsistency.staleness must not be null", () -> ReadConsistency.atMost(null)),
                bad("PageRequest.size must be 1 to 1000 but is 0", () -> PageRequest.first(0)),
                bad("PageRequest.size must be 1 to 1000 but is 1001", () -> PageRequest.first(1001)),
                bad(
                        "PageRequest.after must be what Page.next() told but is \"a b\"; begin with PageRequest.first(size)",
                        () -> PageRequest.after("a b", 1)),
                bad("PageRequest.after must be what Page.next() told but is \"\"", () -> PageRequest.after("", 1)),
                bad("PageRequest.after must be what Page.next() told", () -> PageRequest.after("A".repeat(65), 1)),
                bad("PageRequest.after must not be null", () -> PageRequest.after(null, 1)),
                bad("PageRequest.size must be 1 to 1000 but is 0", () -> PageRequest.after("A", 0)),
                bad("SagaFilter.owner must not be blank", () -> SagaFilter.all().owner(" ")),
                bad("TimeSpan.from must not be null", () -> new TimeSpan(null, Instant.EPOCH)),
                bad("TimeSpan.before must not be null", () -> new TimeSpan(Instant.EPOCH, null)),
                bad(
                        "TimeSpan.before must be later than TimeSpan.from, 1970-01-01T00:00:00Z, but is 1970-01-01T00:00:00Z",
                        () -> new TimeSpan(Instant.EPOCH, Instant.EPOCH)),
                bad(
                        "TimeSpan.from must be 1970-01-01T00:00:00Z to 9999-12-31T00:00:00Z but is 1969-12-31T23:59:59.999Z",
                        () -> new TimeSpan(Instant.EPOCH.minusMillis(1), Instant.EPOCH)),
                bad("TimeSpan.before must be 1970", () -> new TimeSpan(Instant.EPOCH, Instant.MAX)),
                bad("TimeSpan.length must be PT0.001S to ", () -> TimeSpan.last(Duration.ZERO, Instant.EPOCH)),
                bad("SagaFilter.name must not be blank", () -> SagaFilter.named("\t")),
                bad("InboxDelivery.eventId must not be null", () -> InboxDelivery.of(null)),
                bad("InboxDelivery.topic must not be blank", () -> delivery().topic(" ")),
                bad(
                        "InboxDelivery.type must have at most 255 characters",
                        () -> delivery().type(LONG)),
                bad("InboxDelivery.payload must not be null", () -> delivery().keepPayload(null)),
                bad("InboxDelivery.token must not be null", () -> delivery().token(null)),
                bad("InboxDelivery.headers must not be null", () -> delivery().headers(null)),
                bad(
                        "FailedEventFilter.topic must not be null",
                        () -> FailedEventFilter.all().topic(null)),
                bad(
                        "FailedEventFilter.type must not be blank",
                        () -> FailedEventFilter.all().type("")),
                bad(
                        "FailedEventFilter.failedFrom must not be null",
                        () -> FailedEventFilter.all().failedFrom(null)),
                bad(
                        "FailedEventFilter.failedBefore must not be null",
                        () -> FailedEventFilter.all().failedBefore(null)),
                bad(
                        "FailedEventFilter.errorContains must not be blank",
                        () -> FailedEventFilter.all().errorContains(" ")),
                bad("SagaId must not be null", () -> new SagaId(null)),
                bad("SagaId must not be null", () -> SagaId.parse(null)));
    }

    private static Arguments bad(String message, ThrowingCallable call) {
        return Arguments.of(message, call);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badInput")
    void isRefused(String message, ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
    }

    @Test
    void lengthCountsCharactersAsPostgresqlDoes() {
        assertThatCode(() -> NewSaga.named("😀".repeat(255))).doesNotThrowAnyException();
    }

    @Test
    void valuesNeverShowTheirData() {
        NewSaga saga = NewSaga.named("order").context("{\"card\":\"4111\"}");
        OutboxEvent event = OutboxEvent.to("orders").json("{\"card\":\"4111\"}");
        SagaChange change =
                SagaChange.stepSucceeded("charge", "{\"card\":\"4111\"}").emit(event);

        assertThat(saga.toString() + event + change).doesNotContain("4111").contains("order", "orders", "charge");
    }

    @Test
    void eachObjectIsOneSagaOrEvent() {
        NewSaga saga = NewSaga.named("order");
        assertThat(saga.id())
                .isEqualTo(saga.id())
                .isNotEqualTo(saga.context("{}").id());
        SagaId id = SagaId.next();
        assertThat(saga.id(id).context("{}").steps("a").id()).isEqualTo(id);
        OutboxEvent event = OutboxEvent.to("t");
        assertThat(event.id())
                .isEqualTo(event.id())
                .isNotEqualTo(event.json("{}").id());
    }

    @Test
    void valuesAreNotChangedByWhatIsMadeOfThem() {
        NewSaga plain = NewSaga.named("order");
        plain.steps("a").emit(OutboxEvent.to("t")).idempotencyKey("k");
        assertThat(plain.steps()).isEmpty();
        assertThat(plain.events()).isEmpty();
        assertThat(plain.idempotencyKey()).isEmpty();

        SagaChange change = SagaChange.to(SagaStatus.RUNNING);
        change.andStep("a", StepStatus.RUNNING).emit(OutboxEvent.to("t")).error("e");
        assertThat(change.steps()).isEmpty();
        assertThat(change.events()).isEmpty();
        assertThat(change.error()).isEmpty();
    }
}
