package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Three years in which sagas begin and end, some after a long time, with their steps and audit entries. */
@Lab
class TimeGoesByIT {
    private static final int DAYS = 3 * 365;
    private static final Period KEPT = Period.ofMonths(12);

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final Map<String, Instant> running = new HashMap<>();
    private final Map<String, Instant> ended = new HashMap<>();
    private Instant now = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void whatIsNeededIsThereAndWhatIsNotNeededGoes(Database database) throws SQLException {
        System.out.println("Seed " + seed);
        database.migrations().migrate();
        Instant end = now.plus(DAYS, ChronoUnit.DAYS);
        try (Connection owner = database.owner()) {
            // Few partitions to make and to drop for each day that goes by.
            Sql.run(owner, "UPDATE partition_settings SET ahead = 1 WHERE table_name = 'saga_outbox'");
            boolean direct = false;
            while (now.isBefore(end)) {
                now = now.plus(random.nextInt(1, 30), ChronoUnit.DAYS).plusSeconds(random.nextInt(0, 86_400));
                direct = !direct;
                PartitionMaintenance maintenance = PartitionMaintenance.of(database.config(
                        direct ? Route.DIRECT : Route.POOLED, database.test().owner()));
                // Mostly more than a week has gone by, and the first takes nothing away.
                assertThat(maintenance.atTime(clock -> now).run().of(PartitionAction.Kind.FAIL))
                        .as("seed %s, %s", seed, now)
                        .isEmpty();
                now = now.plus(12, ChronoUnit.HOURS);
                MaintenanceReport report = maintenance.atTime(clock -> now).run();
                assertThat(report.actions())
                        .as("seed %s, %s", seed, now)
                        .extracting(PartitionAction::kind)
                        .doesNotContain(PartitionAction.Kind.FAIL, PartitionAction.Kind.LATER);
                assertNothingIsMissing(owner);
                assertNothingIsLeft(owner);
                live(owner);
            }
            assertThat(Sql.value(owner, "SELECT count(*) FROM partition_metadata")
                            .compareTo("0"))
                    .isPositive();
            assertThat(ended.size()
                            - Sql.rows(owner, "SELECT 1 FROM saga_executions WHERE NOT unfinished")
                                    .size())
                    .as("sagas that have gone")
                    .isPositive();
        }
    }

    /** One saga begins, a few end, and of each change there is an entry. */
    private void live(Connection owner) throws SQLException {
        String begun = Rows.saga(owner, now.toString(), "RUNNING");
        running.put(begun, now);
        audit(owner, begun);
        for (String saga : List.copyOf(running.keySet())) {
            // Most end soon, some after years.
            if (random.nextInt(saga.hashCode() % 7 == 0 ? 60 : 3) == 0) {
                Sql.run(owner, "UPDATE saga_executions SET status = 'SUCCESS' WHERE saga_id = '" + saga + "'");
                ended.put(saga, running.remove(saga));
                audit(owner, saga);
            }
        }
    }

    private void audit(Connection owner, String saga) throws SQLException {
        Rows.audit(owner, now.toString(), saga);
    }

    private void assertNothingIsMissing(Connection owner) throws SQLException {
        Instant cutoff =
                LocalDateTime.ofInstant(now, ZoneOffset.UTC).minus(KEPT).toInstant(ZoneOffset.UTC);
        Set<String> mustBe = new HashSet<>(running.keySet());
        ended.forEach((saga, began) -> {
            if (!began.isBefore(cutoff)) {
                mustBe.add(saga);
            }
        });
        List<String> sagas = Sql.rows(owner, "SELECT saga_id FROM saga_executions");
        List<String> why = List.of("seed " + seed, now.toString());
        assertThat(missing(mustBe, sagas)).as("sagas lost, %s", why).isEmpty();
        assertThat(missing(sagas, Sql.rows(owner, "SELECT saga_id FROM saga_steps")))
                .as("sagas without steps, %s", why)
                .isEmpty();
        // Each saga that is there has an entry of its beginning, and of its end if that has come.
        Map<String, Long> entries = Sql.rows(owner, "SELECT saga_id FROM saga_audit_log").stream()
                .collect(Collectors.groupingBy(saga -> saga, Collectors.counting()));
        assertThat(sagas.stream().filter(saga -> entries.getOrDefault(saga, 0L) < (ended.containsKey(saga) ? 2 : 1)))
                .as("sagas without their entries, %s", why)
                .isEmpty();
        assertThat(missing(sagas, Sql.rows(owner, "SELECT saga_id FROM saga_idempotency_keys")))
                .as("sagas without their key, %s", why)
                .isEmpty();
    }

    private void assertNothingIsLeft(Connection owner) throws SQLException {
        assertThat(Sql.rows(
                        owner,
                        "SELECT partition_name FROM sagaz_expired_partitions('" + now + "') e WHERE NOT EXISTS"
                                + " (SELECT FROM sagaz_partition_needs(e.table_name, e.partition_name))"))
                .as("partitions that nothing needs, seed %s, %s", seed, now)
                .isEmpty();
        assertThat(Sql.rows(owner, "SELECT * FROM partition_retirements")).isEmpty();
    }

    private static List<String> missing(Iterable<String> expected, List<String> there) {
        Set<String> known = new HashSet<>(there);
        List<String> missing = new ArrayList<>();
        expected.forEach(one -> {
            if (!known.contains(one)) {
                missing.add(one);
            }
        });
        return missing;
    }
}
