package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** The order service of the demo at work, with its dashboard, for as long as a test wants. */
final class Workload implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final Ledger ledger = new Ledger(System::nanoTime);
    private final Meter meter = new Meter(LONGEST);
    private final OrderService service;
    private final Dashboard dashboard;
    private final Outage outage = new Outage(ledger, meter);

    private Workload(RoutingSagaStore store, ShopTables shop, long seed) {
        service = new OrderService(store, shop, ledger, meter, seed, LONGEST);
        dashboard = new Dashboard(store, ledger, meter, seed);
    }

    /** Makes the tables of the shop, and opens it. */
    static Workload open(RoutingSagaStore store, Connection owner, long seed) throws SQLException {
        ShopTables shop = new ShopTables("public");
        shop.create(owner);
        Workload workload = new Workload(store, shop, seed);
        workload.service.open(Demo.WORKERS);
        workload.dashboard.open();
        return workload;
    }

    /** Waits until so many orders are finished. */
    void awaitFinished(long orders) {
        Await.until(orders + " orders are finished", () -> ledger.totals().finished() >= orders);
    }

    /** For how long nothing went on. */
    Outage outage() {
        return outage;
    }

    Ledger ledger() {
        return ledger;
    }

    Troubles troubles() {
        return meter.troubles();
    }

    /** Takes no more orders, and waits until those that it has are finished. */
    void finish() throws InterruptedException {
        service.close();
        assertThat(service.awaitIdle(LONGEST)).as("all orders are finished").isTrue();
        dashboard.close();
        dashboard.awaitIdle(LONGEST);
    }

    /** Holds a server against what was acknowledged: nothing may be lost, doubled or left half done. */
    Verdict check(Connection server) throws SQLException {
        Verdict verdict = BooksReader.check(server, ledger.lines());
        assertThat(verdict.examples()).isEmpty();
        assertThat(verdict.isClean()).as(verdict.toString()).isTrue();
        assertThat(verdict.orders()).isPositive();
        return verdict;
    }

    @Override
    public void close() {
        service.abandon();
        dashboard.close();
        outage.close();
    }
}
