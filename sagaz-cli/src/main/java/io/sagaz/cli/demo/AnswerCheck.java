package io.sagaz.cli.demo;

import io.sagaz.storage.Page;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StepStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Holds the answer of a read against the ledger.
 *
 * <p>A receipt promises that every write acknowledged more than {@code staleness} before the answer is in it. The read
 * was asked for before it was answered, so everything acknowledged at {@code asked - staleness} must be there: that is
 * what is checked, with both moments on this process's own monotonic clock. A receipt without a bound promises nothing.
 */
final class AnswerCheck {
    private final Ledger ledger;

    /**
     * What was wrong with an answer.
     *
     * @param stale promises of freshness that were broken, for people
     * @param torn states that no transaction has left behind, for people
     */
    record Findings(List<String> stale, List<String> torn) {
        Findings {
            stale = List.copyOf(stale);
            torn = List.copyOf(torn);
        }
    }

    AnswerCheck(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Checks the answer to {@code find(id)}, asked at the moment {@code asked}. */
    Findings found(SagaId id, long asked, ReadResult<Optional<Saga>> answer) {
        long seen = answer.value().map(Saga::version).orElse(0L);
        List<String> stale = new ArrayList<>();
        checkVersion(id, seen, asked, answer.receipt()).ifPresent(stale::add);
        List<String> torn = new ArrayList<>();
        answer.value().flatMap(this::tear).ifPresent(torn::add);
        return new Findings(stale, torn);
    }

    /** Checks every saga on a page, asked for at the moment {@code asked}. */
    Findings listed(long asked, ReadResult<Page<SagaSummary>> answer) {
        List<String> stale = new ArrayList<>();
        List<String> torn = new ArrayList<>();
        for (SagaSummary saga : answer.value().items()) {
            Optional<Order> order = ledger.order(saga.id());
            if (order.isEmpty()) {
                torn.add("saga " + saga.id() + " belongs to no order");
                continue;
            }
            checkVersion(saga.id(), saga.version(), asked, answer.receipt()).ifPresent(stale::add);
            stateAt(order.get(), saga.version())
                    .filter(state -> state.saga() == saga.status())
                    .ifPresentOrElse(
                            state -> {},
                            () -> torn.add(saga.id() + " is " + saga.status() + " at version " + saga.version()));
        }
        return new Findings(stale, torn);
    }

    /** Checks the answer to {@code countByStatus} over all orders, asked at the moment {@code asked}. */
    Findings counted(long asked, ReadResult<Map<SagaStatus, Long>> answer) {
        OptionalLong moment = promisedMoment(asked, answer.receipt());
        if (moment.isEmpty()) {
            return new Findings(List.of(), List.of());
        }
        List<String> stale = new ArrayList<>();
        long all = answer.value().values().stream().mapToLong(Long::longValue).sum();
        checkCount("sagas", all, ledger.placedAt(moment.getAsLong()), answer.receipt())
                .ifPresent(stale::add);
        for (SagaStatus status : List.of(SagaStatus.SUCCESS, SagaStatus.COMPENSATED)) {
            checkCount(
                            "sagas in " + status,
                            answer.value().getOrDefault(status, 0L),
                            ledger.finishedAt(status, moment.getAsLong()),
                            answer.receipt())
                    .ifPresent(stale::add);
        }
        return new Findings(stale, List.of());
    }

    private Optional<String> checkVersion(SagaId id, long seen, long asked, ReadReceipt receipt) {
        OptionalLong moment = promisedMoment(asked, receipt);
        if (moment.isEmpty()) {
            return Optional.empty();
        }
        int promised = ledger.versionAt(id, moment.getAsLong());
        return seen >= promised
                ? Optional.empty()
                : Optional.of("saga " + id + " was seen at version " + seen + ", version " + promised
                        + " was promised by " + receipt);
    }

    private static Optional<String> checkCount(String what, long seen, long promised, ReadReceipt receipt) {
        return seen >= promised
                ? Optional.empty()
                : Optional.of(seen + " " + what + " were counted, " + promised + " were promised by " + receipt);
    }

    private static OptionalLong promisedMoment(long asked, ReadReceipt receipt) {
        return receipt.staleness().isPresent()
                ? OptionalLong.of(asked - receipt.staleness().get().toNanos())
                : OptionalLong.empty();
    }

    private Optional<String> tear(Saga saga) {
        Map<String, StepStatus> steps = new LinkedHashMap<>();
        for (SagaStep step : saga.steps()) {
            steps.put(step.name(), step.status());
        }
        boolean whole = ledger.order(saga.id())
                .flatMap(order -> stateAt(order, saga.version()))
                .filter(state -> state.saga() == saga.status() && state.steps().equals(steps))
                .isPresent();
        return whole
                ? Optional.empty()
                : Optional.of("saga " + saga.id() + " was seen at version " + saga.version() + " as " + saga.status()
                        + " with " + steps);
    }

    private static Optional<OrderState> stateAt(Order order, long version) {
        return version < 1 || version > order.outcome().milestones().size()
                ? Optional.empty()
                : Optional.of(order.outcome().after((int) version));
    }
}
