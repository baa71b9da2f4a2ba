package io.sagaz.bench.reads.year;

import io.sagaz.storage.PageRequest;
import io.sagaz.storage.SagaStatus;
import java.util.List;

/**
 * One read of the store that dashboards make.
 *
 * @param spanned whether it is about a span of time, and not about one saga or about now
 */
record DashboardRead(String title, boolean spanned, Call call) {
    private static final int PAGE = 50;

    /** Makes it. */
    @FunctionalInterface
    interface Call {
        /** Asks. What comes back is all that the store makes of it. */
        Object ask(Question about);
    }

    /** All there are. To add one, add a line. */
    static List<DashboardRead> all() {
        return List.of(
                one("find by id", q -> q.reads().find(q.saga())),
                one("find by key", q -> q.reads().findByKey(q.name(), q.key())),
                of("list all", q -> q.reads().list(q.all(), PageRequest.first(PAGE))),
                of("list one kind", q -> q.reads().list(q.ofName(), PageRequest.first(PAGE))),
                of("list failed", q -> q.reads().list(q.all().status(SagaStatus.FAILED), PageRequest.first(PAGE))),
                of("list running", q -> q.reads().list(q.all().status(SagaStatus.RUNNING), PageRequest.first(PAGE))),
                of(
                        "list failed of one kind",
                        q -> q.reads().list(q.ofName().status(SagaStatus.FAILED), PageRequest.first(PAGE))),
                of("list all, second page", DashboardRead::secondPage),
                of("count by status", q -> q.reads().countByStatus(q.all())),
                of("count by status of one kind", q -> q.reads().countByStatus(q.ofName())),
                one("audit trail", q -> q.reads().auditTrail(q.saga(), PageRequest.first(PAGE))),
                one("events", q -> q.reads().events(q.saga(), PageRequest.first(PAGE))),
                one("outbox depth", q -> q.outbox().depth()),
                one("partitions", q -> q.statistics().partitions()),
                of("throughput", q -> q.statistics().throughput(q.span(), q.interval())),
                of("throughput of one kind", q -> q.statistics().named(q.name()).throughput(q.span(), q.interval())),
                of("outcomes", q -> q.statistics().outcomes(q.span())),
                of("outcomes of one kind", q -> q.statistics().named(q.name()).outcomes(q.span())),
                of("durations", q -> q.statistics().durations(q.span())),
                of("durations of one kind", q -> q.statistics().named(q.name()).durations(q.span())),
                of("durations by interval", q -> q.statistics().durations(q.span(), q.interval())),
                of("slowest steps", q -> q.statistics().slowestSteps(q.span(), PAGE)),
                of("oldest unfinished", q -> q.statistics().oldestUnfinished(q.span(), PAGE)),
                of("events by interval", q -> q.outbox().throughput(q.span(), q.interval())));
    }

    private static Object secondPage(Question about) {
        var first = about.reads().list(about.all(), PageRequest.first(PAGE)).value();
        return about.reads().list(about.all(), first.next().orElseGet(() -> PageRequest.first(PAGE)));
    }

    private static DashboardRead of(String title, Call call) {
        return new DashboardRead(title, true, call);
    }

    private static DashboardRead one(String title, Call call) {
        return new DashboardRead(title, false, call);
    }
}
