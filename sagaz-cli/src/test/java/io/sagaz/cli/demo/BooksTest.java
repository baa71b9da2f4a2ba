package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BooksTest {
    private final Order order = Orders.of(7, Outcome.NOT_SHIPPED);
    private final UUID saga = order.sagaId().value();
    private final OrderState end = order.outcome().end();

    @ParameterizedTest
    @EnumSource(Outcome.class)
    void finishedOrderBalances(Outcome outcome) {
        Order finished = Orders.of(1, outcome);
        Books books = new Books(List.of(Orders.finished(finished)));
        new Rows(finished).feed(books);

        Verdict verdict = books.close();

        assertThat(verdict.isClean()).as(verdict.toString()).isTrue();
        assertThat(verdict.examples()).isEmpty();
        assertThat(verdict.orders()).isOne();
        assertThat(verdict.sagas()).isOne();
        assertThat(verdict.steps()).isEqualTo(3);
        assertThat(verdict.events()).isEqualTo(finished.outcome().milestones().size());
    }

    @Test
    void everythingMissingIsLost() {
        // Order row, two lines, saga, charge, refund, six events.
        assertThat(new Books(List.of(Orders.finished(order))).close().lost()).isEqualTo(12);
    }

    @Test
    void missingPartsAreLost() {
        assertThat(verdict(rows -> rows.events.remove("PaymentRefunded")).lost())
                .isOne();
        assertThat(verdict(rows -> rows.payments.remove(PaymentKind.REFUND)).lost())
                .isOne();
        assertThat(verdict(rows -> rows.hasOrder = false).lost()).isOne();
        assertThat(verdict(rows -> rows.reserved.remove(0)).lost()).isOne();
    }

    @Test
    void doubledPartsAreDuplicated() {
        assertThat(verdict(rows -> rows.events.add("PaymentRefunded"))).satisfies(BooksTest::onlyOneDuplicate);
        assertThat(verdict(rows -> rows.payments.add(PaymentKind.CHARGE))).satisfies(BooksTest::onlyOneDuplicate);
    }

    @Test
    void secondSagaOfTheSameOrderIsADuplicate() {
        Books books = new Books(List.of(Orders.finished(order)));
        new Rows(order).feed(books);
        UUID second = UUID.randomUUID();
        books.saga(second, order.key(), end.saga(), end.version());
        end.steps().forEach((step, status) -> books.step(second, step, status));

        assertThat(books.close().duplicated()).isOne();
    }

    @Test
    void doubledStepIsADuplicate() {
        Books books = new Books(List.of(Orders.finished(order)));
        new Rows(order).feed(books);
        books.step(saga, "ship", StepStatus.FAILED);

        assertThat(books.close()).satisfies(BooksTest::onlyOneDuplicate);
    }

    @Test
    void contradictionsAreHalfDone() {
        assertThat(verdict(rows -> rows.status = "SHIPPED")).satisfies(BooksTest::onlyHalfDone);
        assertThat(verdict(rows -> rows.sagaStatus = SagaStatus.COMPENSATING)).satisfies(BooksTest::onlyHalfDone);
        assertThat(verdict(rows -> rows.version--)).satisfies(BooksTest::onlyHalfDone);
        assertThat(verdict(rows -> rows.sagaOfOrder = UUID.randomUUID())).satisfies(BooksTest::onlyHalfDone);
        assertThat(verdict(rows -> rows.reserved.set(1, true))).satisfies(BooksTest::onlyHalfDone);
        assertThat(verdict(rows -> rows.chargeStep = StepStatus.SUCCESS)).satisfies(BooksTest::onlyHalfDone);
        assertThat(verdict(rows -> rows.events.add("OrderShipped"))).satisfies(BooksTest::onlyHalfDone);
    }

    @Test
    void eventsInTheWrongOrderAreHalfDone() {
        assertThat(verdict(rows -> rows.events.add(0, rows.events.remove(3)))).satisfies(BooksTest::onlyHalfDone);
    }

    @Test
    void refundWithoutReasonIsHalfDone() {
        Order delivered = Orders.of(1, Outcome.DELIVERED);
        Books books = new Books(List.of(Orders.finished(delivered)));
        new Rows(delivered).feed(books);
        books.payment(1, PaymentKind.REFUND);

        assertThat(books.close()).satisfies(BooksTest::onlyHalfDone);
    }

    @Test
    void unfinishedOrderIsHalfDone() {
        Books books = new Books(List.of(new Ledger.Line(order, 3)));
        new Rows(order).feed(books);

        assertThat(books.close()).satisfies(BooksTest::onlyHalfDone);
    }

    @Test
    void unacknowledgedOrderMayBeThereAsAWholeOrNotAtAll() {
        Ledger.Line line = new Ledger.Line(order, 0);
        Books none = new Books(List.of(line));
        Books all = new Books(List.of(line));
        new Rows(order).feed(all);
        Books part = new Books(List.of(line));
        part.order(order.number(), "PLACED", saga);

        assertThat(none.close().isClean()).isTrue();
        assertThat(all.close().isClean()).isTrue();
        assertThat(part.close()).satisfies(BooksTest::onlyHalfDone);
    }

    @Test
    void rowsThatBelongToNoOrderAreHalfDone() {
        Books books = new Books(List.of());
        books.saga(saga, order.key(), end.saga(), end.version());
        books.saga(UUID.randomUUID(), "", SagaStatus.PENDING, 1);
        books.step(UUID.randomUUID(), "reserve", StepStatus.PENDING);
        books.event("order-x", "OrderPlaced");

        assertThat(books.close().halfDone()).isEqualTo(4);
    }

    private Verdict verdict(Consumer<Rows> spoil) {
        Books books = new Books(List.of(Orders.finished(order)));
        Rows rows = new Rows(order);
        spoil.accept(rows);
        rows.feed(books);
        return books.close();
    }

    private static void onlyOneDuplicate(Verdict verdict) {
        assertThat(verdict.duplicated()).as(verdict.toString()).isOne();
        assertThat(verdict.lost() + verdict.halfDone()).as(verdict.toString()).isZero();
    }

    private static void onlyHalfDone(Verdict verdict) {
        assertThat(verdict.halfDone()).as(verdict.toString()).isOne();
        assertThat(verdict.lost() + verdict.duplicated()).as(verdict.toString()).isZero();
    }

    /** The rows of one order as they should be, to be spoiled one at a time. */
    private static final class Rows {
        final Order order;
        final OrderState end;
        final List<String> events;
        final List<PaymentKind> payments = new ArrayList<>();
        final List<Boolean> reserved = new ArrayList<>();
        boolean hasOrder = true;
        String status;
        UUID sagaOfOrder;
        SagaStatus sagaStatus;
        long version;
        StepStatus chargeStep;

        Rows(Order order) {
            this.order = order;
            this.end = order.outcome().end();
            this.events = new ArrayList<>(end.events());
            if (end.charges() > 0) {
                payments.add(PaymentKind.CHARGE);
            }
            if (end.refunds() > 0) {
                payments.add(PaymentKind.REFUND);
            }
            order.lines().forEach(line -> reserved.add(end.reserved()));
            this.status = end.status().name();
            this.sagaOfOrder = order.sagaId().value();
            this.sagaStatus = end.saga();
            this.version = end.version();
            this.chargeStep = end.steps().getOrDefault("charge", StepStatus.PENDING);
        }

        void feed(Books books) {
            if (hasOrder) {
                books.order(order.number(), status, sagaOfOrder);
            }
            reserved.forEach(line -> books.line(order.number(), line));
            payments.forEach(payment -> books.payment(order.number(), payment));
            books.saga(order.sagaId().value(), order.key(), sagaStatus, version);
            end.steps()
                    .forEach((step, stepStatus) ->
                            books.step(order.sagaId().value(), step, step.equals("charge") ? chargeStep : stepStatus));
            events.forEach(event -> books.event(order.key(), event));
        }
    }
}
