package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.init.ComposeStack;
import io.sagaz.cli.init.Deployed;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** The order service and the dashboard of the demo at work on a deployment, while faults strike it. */
final class ShopAtWork implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final Duration CALM = Duration.ofSeconds(3);
    private static final long SEED = 5;

    private final Place place;
    private final RoutingSagaStore store;
    private final Ledger ledger = new Ledger(System::nanoTime);
    private final Meter meter = new Meter(LONGEST);
    private final OrderService shop;
    private final Dashboard dashboard;
    private final Outage outage;

    private ShopAtWork(Place place, RoutingSagaStore store) {
        this.place = place;
        this.store = store;
        shop = new OrderService(store, place.shop(), ledger, meter, SEED, LONGEST);
        dashboard = new Dashboard(store, ledger, meter, SEED);
        outage = new Outage(ledger, meter);
    }

    /** Opens the shop; {@link #close} leaves nothing of it behind. */
    static ShopAtWork on(Deployed ways) throws SQLException, InterruptedException {
        Place place = DeploymentPlace.open(ways, words -> {});
        ShopAtWork work = new ShopAtWork(place, place.openStore());
        try (Connection owner = place.owner()) {
            place.shop().create(owner);
        }
        work.shop.open(Demo.WORKERS);
        work.dashboard.open();
        return work;
    }

    /** Waits until orders go on, and reads, of which replicas answer some. */
    void awaitBusy() {
        ComposeStack.await("orders, and reads from replicas", () -> outage.isBusy(CALM));
    }

    Outage outage() {
        return outage;
    }

    Troubles troubles() {
        return meter.troubles();
    }

    /** Closes the shop when all orders are finished, and holds the database against what was acknowledged. */
    String balance() throws SQLException, InterruptedException {
        shop.close();
        assertThat(shop.awaitIdle(LONGEST)).as("all orders are finished").isTrue();
        dashboard.close();
        dashboard.awaitIdle(LONGEST);
        place.awaitReplicas(LONGEST);
        try (Connection owner = place.owner()) {
            Verdict verdict = BooksReader.check(owner, ledger.lines());
            assertThat(verdict.examples()).isEmpty();
            assertThat(verdict.isClean()).as("%s", verdict).isTrue();
            assertThat(verdict.orders()).isPositive();
            assertThat(meter.examples()).isEmpty();
            assertThat(meter.troubles().staleViolations())
                    .as("reads that were too old")
                    .isZero();
            assertThat(meter.troubles().tornReads()).as("torn reads").isZero();
            assertThat(meter.troubles().errors())
                    .as("failures that nobody expects")
                    .isZero();
            return String.format(
                    "%d orders: %d lost, %d doubled, %d half done | %s",
                    verdict.orders(), verdict.lost(), verdict.duplicated(), verdict.halfDone(), meter.troubles());
        }
    }

    /** Drops what is not finished. */
    @Override
    public void close() {
        shop.abandon();
        dashboard.close();
        outage.close();
        store.close();
        place.close();
    }
}
