package io.sagaz.cli.demo;

import io.sagaz.cli.Shutdown;
import io.sagaz.cli.term.Figures;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.TopologyException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One run on a topology that is there: workload, pause, resumption, books. For one thread, which also draws; the order
 * service and the dashboard have theirs.
 */
final class Demo {
    static final int WORKERS = 4;

    private static final Duration TICK = Duration.ofMillis(200);
    /** Longer than one transaction is tried again. */
    private static final Duration FINISH = Entrance.FAILOVER.plusSeconds(15);

    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    private final DemoOptions options;
    private final Place place;
    private final View view;
    private final Shutdown shutdown;

    private final Ledger ledger;
    private final Meter meter;
    private final Sampler sampler;
    private final RouteWatch routes = new RouteWatch();
    private final List<Story.Entry> story = new ArrayList<>();
    private Snapshot.Stage stage = Snapshot.Stage.RUNNING;

    private Demo(DemoOptions options, Place place, View view, Shutdown shutdown) {
        this.options = options;
        this.place = place;
        this.view = view;
        this.shutdown = shutdown;
        this.ledger = new Ledger(System::nanoTime);
        this.meter = new Meter(options.run());
        this.sampler = new Sampler(ledger, meter, options.run());
    }

    /**
     * Runs.
     *
     * @throws DemoStoppedException if it was stopped from outside
     * @throws SQLException if the shop's tables could not be made or the books could not be read
     */
    static DemoReport run(DemoOptions options, Place place, View view, Shutdown shutdown)
            throws DemoStoppedException, SQLException, InterruptedException {
        try (RoutingSagaStore store = place.openStore()) {
            try (Connection owner = place.owner()) {
                place.shop().create(owner);
            }
            view.say("Schema applied; taking orders for " + options.seconds() + " s.");
            Demo demo = new Demo(options, place, view, shutdown);
            Duration workload = demo.work(store);
            view.say("Checking the books: every acknowledged order against the tables, with plain SQL…");
            // Another server may lead by now.
            try (Connection owner = place.owner()) {
                Verdict verdict = BooksReader.check(owner, demo.ledger.lines());
                List<String> differences = demo.compareReplicas(owner);
                return demo.report(workload, verdict, differences);
            }
        }
    }

    private Duration work(RoutingSagaStore store) throws DemoStoppedException, InterruptedException {
        OrderService service = new OrderService(store, place.shop(), ledger, meter, options.seed(), Entrance.FAILOVER);
        Dashboard dashboard = new Dashboard(store, ledger, meter, options.seed());
        try {
            service.open(WORKERS);
            dashboard.open();
            direct();
            stage = Snapshot.Stage.FINISHING;
            tell("no more orders; those in work are finished");
            finish(service);
            Duration workload = now();
            dashboard.close();
            dashboard.awaitIdle(FINISH);
            show();
            return workload;
        } finally {
            service.abandon();
            dashboard.close();
            view.close();
        }
    }

    private void finish(OrderService service) throws DemoStoppedException, InterruptedException {
        service.close();
        Duration deadline = now().plus(FINISH);
        while (!service.awaitIdle(TICK)) {
            show();
            if (shutdown.isRequested()) {
                throw new DemoStoppedException();
            }
            if (now().compareTo(deadline) > 0) {
                meter.failed("workers", new IllegalStateException("still busy after " + Figures.duration(FINISH)));
                return;
            }
        }
    }

    /** Lets time pass, draws, and does to the replicas what is planned. */
    private void direct() throws DemoStoppedException, InterruptedException {
        for (Duration now = now(); now.compareTo(options.run()) < 0; now = now()) {
            if (place.canPause()
                    && stage == Snapshot.Stage.RUNNING
                    && isBetween(options.pauseAt(), now, options.resumeAt())) {
                place.pause();
                stage = Snapshot.Stage.PAUSED;
                routes.paused(now());
                tell("replay paused on " + replicaNames() + ": reads should move to the primary");
            } else if (stage == Snapshot.Stage.PAUSED && now.compareTo(options.resumeAt()) >= 0) {
                place.resume();
                stage = Snapshot.Stage.RUNNING;
                routes.resumed(now());
                tell("replay goes on: reads should come back to " + replicaNames());
            }
            routes.observe(now(), meter.reads(ReadSource.REPLICA), meter.reads(ReadSource.PRIMARY))
                    .ifPresent(this::tell);
            show();
            if (shutdown.await(TICK)) {
                throw new DemoStoppedException();
            }
        }
    }

    private List<String> compareReplicas(Connection primary) throws SQLException, InterruptedException {
        try {
            place.awaitReplicas(CATCH_UP);
        } catch (TopologyException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
        Map<String, Long> right = BooksReader.counts(primary);
        List<String> differences = new ArrayList<>();
        for (int replica : replicas().boxed().toList()) {
            try (Connection connection = place.replica(replica)) {
                differences.addAll(
                        BooksReader.differences("replica-" + (replica + 1), BooksReader.counts(connection), right));
            }
        }
        return differences;
    }

    private DemoReport report(Duration workload, Verdict verdict, List<String> differences) {
        return new DemoReport(
                options,
                place.sources(),
                place.startedIn(),
                workload,
                ledger.totals(),
                meter.writes().overall(),
                new DemoReport.Reads(
                        meter.reads(ReadSource.REPLICA),
                        meter.reads(ReadSource.PRIMARY),
                        meter.reads().overall(),
                        Sampler.reasons(meter),
                        meter.largestReplicaBound()),
                new DemoReport.Moves(place.canPause(), routes.movedAfter(), routes.returnedAfter()),
                meter.troubles(),
                verdict,
                differences,
                meter.examples());
    }

    private void tell(String what) {
        Story.Entry entry = new Story.Entry(now(), what);
        story.add(entry);
        view.tell(entry);
    }

    private void show() {
        view.show(sampler.take(stage, new Story(story)));
    }

    private Duration now() {
        return Duration.ofNanos(ledger.now());
    }

    private IntStream replicas() {
        return IntStream.range(0, options.replicas());
    }

    private String replicaNames() {
        return switch (options.replicas()) {
            case 1 -> "replica-1";
            case 2 -> "both replicas";
            default -> "all " + options.replicas() + " replicas";
        };
    }

    private static boolean isBetween(Duration from, Duration now, Duration to) {
        return now.compareTo(from) >= 0 && now.compareTo(to) < 0;
    }
}
