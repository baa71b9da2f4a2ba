package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.internal.partition.Partition;
import io.sagaz.migrations.internal.partition.PartitionCatalog;
import io.sagaz.migrations.internal.partition.PartitionFacts;
import io.sagaz.migrations.internal.partition.PartitionPlanner;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;

/** What is planned in Java and what is planned in SQL is the same, at any time and wherever anybody is. */
@Lab
class PlannerAgreesIT {
    private static final List<String> ZONES = List.of(
            "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns");
    private static final List<String> STYLES = List.of("ISO, MDY", "ISO, DMY", "ISO, YMD");

    /** Moments at which something turns over, to which some milliseconds are added or not. */
    private static final List<String> EDGES = List.of(
            "2026-12-31T23:59:59.999Z",
            "2027-01-01T00:00:00Z",
            "2028-02-28T23:59:59.999Z",
            "2028-02-29T00:00:00Z",
            "2028-02-29T23:59:59.999Z",
            "2027-02-28T23:59:59.999Z",
            "2027-03-31T00:00:00Z",
            "2027-05-31T12:00:00Z",
            "2027-03-28T01:00:00Z",
            "2027-10-31T01:00:00Z",
            "2100-02-28T23:59:59.999Z");

    @Test
    void javaAndSqlPlanTheSame(Database database) throws SQLException {
        database.migrations().migrate();
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        PartitionCatalog catalog = new PartitionCatalog("public");
        TimeZone before = TimeZone.getDefault();
        try {
            for (int run = 0; run < 60; run++) {
                // The driver takes the session's zone from the JVM's.
                TimeZone.setDefault(TimeZone.getTimeZone(ZONES.get(run % ZONES.size())));
                try (Connection owner = database.owner()) {
                    Sql.run(owner, "SET datestyle = '" + STYLES.get(run % STYLES.size()) + "'");
                    changeSettings(catalog, owner, random);
                    for (int i = 0; i < 20; i++) {
                        Instant now = time(random);
                        PartitionFacts facts = catalog.facts(owner);
                        PartitionFacts then = new PartitionFacts(now, facts.settings(), facts.partitions());
                        String what = "seed " + seed + ", run " + run + ", " + now + ", " + facts.settings();

                        assertThat(PartitionPlanner.wanted(then).stream()
                                        .map(slot -> slot.name()
                                                + '|'
                                                + slot.firstDay()
                                                + '|'
                                                + slot.needed()
                                                + '|'
                                                + slot.present()))
                                .as(what)
                                .containsExactlyElementsOf(rows(
                                        owner,
                                        "SELECT partition_name || '|' || to_char(first_day, 'YYYY-MM-DD') || '|' || needed"
                                                + " || '|' || present FROM sagaz_partition_plan(?)",
                                        now));
                        assertThat(PartitionPlanner.expired(then).stream().map(Partition::name))
                                .as(what)
                                .containsExactlyElementsOf(
                                        rows(owner, "SELECT partition_name FROM sagaz_expired_partitions(?)", now));
                    }
                }
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void boundsAreReadRightWhateverTheStyleOfDates(Database database) throws SQLException {
        database.migrations().migrate();
        try (Connection owner = database.owner()) {
            List<String> expected = Sql.rows(owner, "SELECT * FROM sagaz_partitions()");
            // The driver insists on ISO, so another style can only be that of a function.
            for (String style : List.of("SQL, DMY", "SQL, MDY", "German", "Postgres, DMY")) {
                for (String zone : ZONES) {
                    Sql.run(
                            owner,
                            "CREATE OR REPLACE FUNCTION there() RETURNS SETOF record LANGUAGE sql"
                                    + " SET datestyle = '" + style + "' SET timezone = '" + zone
                                    + "' AS 'SELECT * FROM public.sagaz_partitions()'");
                    assertThat(Sql.rows(
                                    owner,
                                    "SELECT * FROM there() AS (table_name text, partition_name text, partition_start timestamptz,"
                                            + " partition_end timestamptz, state text, retiring boolean)"))
                            .as(style + ", " + zone)
                            .isEqualTo(expected)
                            .hasSize(24);
                }
            }
        }
    }

    private static void changeSettings(PartitionCatalog catalog, Connection owner, Random random) throws SQLException {
        for (PartitionSettings settings : catalog.settings(owner).values()) {
            if (!settings.table().equals("consumer_inbox")) {
                catalog.change(
                        owner,
                        settings.withAhead(random.nextInt(1, 25))
                                .withRetention(
                                        Period.of(random.nextInt(0, 3), random.nextInt(0, 14), random.nextInt(1, 50))));
            }
        }
    }

    private static Instant time(Random random) {
        if (random.nextBoolean()) {
            return Instant.parse(EDGES.get(random.nextInt(EDGES.size()))).plusMillis(random.nextInt(-1, 2));
        }
        return Instant.ofEpochMilli(random.nextLong(
                Instant.parse("2026-10-01T00:00:00Z").toEpochMilli(),
                Instant.parse("2030-01-01T00:00:00Z").toEpochMilli()));
    }

    private static List<String> rows(Connection connection, String sql, Instant now) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(row.getString(1));
                }
            }
        }
        return rows;
    }
}
