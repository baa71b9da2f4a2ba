package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.StoreConfigurationException;
import io.sagaz.testkit.Await;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a store does about its schema when it starts, and about its partitions while it runs. */
class UpkeepIT {
    @Test
    void aStoreTakesOldPartitionsAwayAndShowsHowTheOthersAre() throws SQLException {
        String schema = Stand.newSchema();
        Stand.builder(schema).partitions(PartitionPolicy.leftToOthers()).build().close();
        old(schema);
        assertThat(partitions(schema, "saga_audit_log")).isEqualTo(6);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (RoutingSagaStore store =
                Stand.builder(schema).meterRegistry(registry).build()) {
            Await.until(
                    "the first maintenance has ended",
                    () -> registry.get(StoreMeterNames.PARTITION_MAINTENANCE)
                                    .timer()
                                    .count()
                            == 1);

            assertThat(partitions(schema, "saga_audit_log")).isEqualTo(5);
            assertThat(registry.get(StoreMeterNames.PARTITION_MAINTENANCE_ERRORS)
                            .counter()
                            .count())
                    .isZero();
            assertThat(gauge(registry, StoreMeterNames.PARTITION_COUNT, "saga_outbox"))
                    .isEqualTo(9);
            assertThat(gauge(registry, StoreMeterNames.PARTITION_SIZE, "saga_executions"))
                    .isPositive();
            assertThat(gauge(registry, StoreMeterNames.PARTITION_EXPIRED, "saga_audit_log"))
                    .isZero();
            assertThat(gauge(registry, StoreMeterNames.PARTITION_WRITABLE, "saga_outbox"))
                    .isBetween(
                            Duration.ofDays(7).toSeconds() - 1.0,
                            Duration.ofDays(8).toSeconds() + 1.0);
            store.start(NewSaga.named("goes on"));
        }
        assertThat(registry.getMeters().stream().map(Meter::getId).map(Meter.Id::getName))
                .as("gauges of a closed store are gone")
                .doesNotContain(
                        StoreMeterNames.PARTITION_COUNT,
                        StoreMeterNames.PARTITION_SIZE,
                        StoreMeterNames.PARTITION_EXPIRED,
                        StoreMeterNames.PARTITION_WRITABLE);
    }

    @Test
    void aStoreWithTheRightsOfAWriterMaintainsToo() throws SQLException {
        String schema = Stand.newSchema();
        Stand.builder(schema).partitions(PartitionPolicy.leftToOthers()).build().close();
        old(schema);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (RoutingSagaStore store = RoutingSagaStore.builder()
                .write(Stand.write())
                .schema(schema)
                .migrations(MigrationMode.CHECK)
                .partitions(PartitionPolicy.every(Duration.ofMinutes(1)))
                .meterRegistry(registry)
                .build()) {
            Await.until("the old partition has gone", () -> partitions(schema, "saga_audit_log") == 5);
            store.start(NewSaga.named("goes on"));
        }
        assertThat(registry.get(StoreMeterNames.PARTITION_MAINTENANCE_ERRORS)
                        .counter()
                        .count())
                .isZero();
    }

    @Test
    void aStoreThatOnlyChecksLeavesThePartitionsToOthers() throws SQLException {
        String schema = Stand.newSchema();
        Stand.builder(schema).partitions(PartitionPolicy.leftToOthers()).build().close();
        old(schema);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        for (MigrationMode mode : List.of(MigrationMode.CHECK, MigrationMode.OFF)) {
            Stand.builder(schema)
                    .migrations(mode)
                    .meterRegistry(registry)
                    .build()
                    .close();
        }
        assertThat(registry.get(StoreMeterNames.PARTITION_MAINTENANCE).timer().count())
                .isZero();
        assertThat(partitions(schema, "saga_audit_log")).isEqualTo(6);
    }

    @Test
    void withoutALookAtTheSchemaAStoreStartsWhereThereIsNone() {
        try (RoutingSagaStore store =
                Stand.builder(Stand.newSchema()).migrations(MigrationMode.OFF).build()) {
            assertThatExceptionOfType(PermanentStoreException.class)
                    .isThrownBy(() -> store.start(NewSaga.named("nowhere")))
                    .withMessageContaining("nothing was written");
        }
    }

    @Test
    void aCheckFindsOutThatARoleLacksRights() {
        String schema = Stand.newSchema();
        Stand.builder(schema).build().close();
        Stand.run(
                Stand.topology().primaryUrl(),
                Stand.topology().owner(),
                "REVOKE UPDATE ON " + schema + ".saga_executions FROM "
                        + Stand.topology().app().user());
        assertThatExceptionOfType(StoreConfigurationException.class)
                .isThrownBy(() -> Stand.builder(schema)
                        .migrations(MigrationMode.CHECK)
                        .build()
                        .close())
                .withMessageContaining(Stand.topology().app().user())
                .withMessageContaining(schema + ".grant_sagaz_writer(role)");
    }

    @Test
    void anIntervalThatCannotBeIsRefused() {
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofSeconds(59), Duration.ofDays(2))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PartitionPolicy.every(wrong))
                    .withMessageContaining("PartitionPolicy.interval")
                    .withMessageContaining(wrong.toString());
        }
        assertThat(Stream.of(PartitionPolicy.every(Duration.ofHours(1)), PartitionPolicy.leftToOthers()))
                .extracting(PartitionPolicy::toString)
                .containsExactly("every PT1H", "left to others");
    }

    /** An empty partition of three years ago. */
    private static void old(String schema) {
        Stand.run(
                Stand.topology().primaryUrl(),
                Stand.topology().owner(),
                "SELECT " + schema + ".create_saga_audit_log_partition((now() - interval '3 years')::date)");
    }

    private static long partitions(String schema, String table) throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + ".partition_metadata WHERE table_name = '" + table + "'");
    }

    private static double gauge(SimpleMeterRegistry registry, String name, String table) {
        Gauge gauge = registry.get(name).tag("table", table).gauge();
        return gauge.value();
    }
}
