package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.Page;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One transaction is acknowledged at 100, 200, 300 and 400 ns of the ledger's clock. */
class AnswerCheckTest {
    private final ManualClock clock = new ManualClock();
    private final Ledger ledger = new Ledger(clock);
    private final AnswerCheck check = new AnswerCheck(ledger);
    private final Order order = Orders.of(1, Outcome.DELIVERED);

    AnswerCheckTest() {
        ledger.open(order);
        order.outcome().milestones().forEach(milestone -> {
            clock.advance(100);
            ledger.acknowledge(order);
        });
    }

    @Test
    void answerWithinItsBoundPasses() {
        // Asked at 400 with a bound of 150: what was acknowledged at 250 must be there, which is version 2.
        assertThat(check.found(order.sagaId(), 400, within(150, saga(2))).stale())
                .isEmpty();
        assertThat(check.found(order.sagaId(), 400, within(150, saga(3))).stale())
                .isEmpty();
    }

    @Test
    void answerOlderThanItsBoundIsFound() {
        assertThat(check.found(order.sagaId(), 400, within(150, saga(1))).stale())
                .singleElement()
                .asString()
                .contains("version 1", "version 2 was promised");
        assertThat(check.found(order.sagaId(), 400, within(150, Optional.empty()))
                        .stale())
                .hasSize(1);
    }

    @Test
    void primaryMustShowEverything() {
        assertThat(check.found(order.sagaId(), 400, within(0, saga(3))).stale()).hasSize(1);
        assertThat(check.found(order.sagaId(), 400, within(0, saga(4))).stale()).isEmpty();
    }

    @Test
    void receiptWithoutBoundPromisesNothing() {
        ReadReceipt unbounded =
                new ReadReceipt(ReadSource.REPLICA, "replica", Optional.empty(), RouteReason.ANY_ACCEPTED);

        assertThat(check.found(order.sagaId(), 400, new ReadResult<>(Optional.empty(), unbounded))
                        .stale())
                .isEmpty();
    }

    @Test
    void stateThatNoTransactionLeftBehindIsTorn() {
        Saga whole = saga(2).orElseThrow();
        List<SagaStep> steps = new ArrayList<>(whole.steps());
        steps.set(0, step("reserve", 0, StepStatus.PENDING));
        Saga torn = new Saga(whole.summary(), "{}", Optional.empty(), Optional.empty(), Optional.empty(), steps);

        assertThat(check.found(order.sagaId(), 400, within(200, Optional.of(torn)))
                        .torn())
                .hasSize(1);
        assertThat(check.found(order.sagaId(), 400, within(200, Optional.of(whole)))
                        .torn())
                .isEmpty();
    }

    @Test
    void listIsCheckedRowByRow() {
        SagaSummary old = summary(order.sagaId(), 1, SagaStatus.PENDING);
        SagaSummary wrong = summary(order.sagaId(), 4, SagaStatus.RUNNING);
        SagaSummary foreign = summary(SagaId.next(), 1, SagaStatus.PENDING);

        AnswerCheck.Findings findings =
                check.listed(400, within(150, new Page<>(List.of(old, wrong, foreign), Optional.empty())));

        assertThat(findings.stale()).hasSize(1);
        assertThat(findings.torn()).hasSize(2);
    }

    @Test
    void countsMustIncludeWhatWasAcknowledged() {
        Map<SagaStatus, Long> nothing = Map.of();
        Map<SagaStatus, Long> one = Map.of(SagaStatus.SUCCESS, 1L);

        assertThat(check.counted(400, within(0, one)).stale()).isEmpty();
        assertThat(check.counted(400, within(0, nothing)).stale()).hasSize(2);
        assertThat(check.counted(400, within(350, nothing)).stale()).isEmpty();
    }

    private static <T> ReadResult<T> within(long boundNanos, T value) {
        return new ReadResult<>(
                value,
                new ReadReceipt(
                        ReadSource.REPLICA,
                        "replica",
                        Optional.of(Duration.ofNanos(boundNanos)),
                        RouteReason.REPLICA_FRESH));
    }

    private Optional<Saga> saga(int version) {
        OrderState state = order.outcome().after(version);
        List<SagaStep> steps = new ArrayList<>();
        state.steps().forEach((name, status) -> steps.add(step(name, steps.size(), status)));
        return Optional.of(new Saga(
                summary(order.sagaId(), version, state.saga()),
                "{}",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                steps));
    }

    private static SagaSummary summary(SagaId id, long version, SagaStatus status) {
        return new SagaSummary(
                id,
                "order",
                status,
                version,
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static SagaStep step(String name, int index, StepStatus status) {
        return new SagaStep(
                name, index, status, Optional.empty(), Optional.empty(), 0, Optional.empty(), Optional.empty());
    }
}
