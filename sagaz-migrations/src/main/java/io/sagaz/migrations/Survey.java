package io.sagaz.migrations;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * What is there: a few cheap reads that take no lock anybody could wait for. Immutable.
 *
 * @param version the highest version that was applied, if any
 * @param broken whether the history knows of a migration that failed
 * @param partitions the partitions that should exist; empty unless the schema is at least as new as this library
 */
record Survey(Optional<MigrationVersion> version, boolean broken, List<Planned> partitions) {
    static final String HISTORY = "sagaz_schema_history";

    /**
     * A partition that should exist.
     *
     * @param needed whether writes fail without it, now or soon
     * @param present whether it exists
     */
    record Planned(String table, String partition, LocalDate firstDay, boolean needed, boolean present) {}

    /**
     * Looks.
     *
     * @param connection in autocommit
     */
    static Survey of(Connection connection, String schema) throws SQLException {
        if (!hasHistory(connection, schema)) {
            return new Survey(Optional.empty(), false, List.of());
        }
        MigrationVersion highest = null;
        boolean broken = false;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT version, success FROM \"" + schema + "\"." + HISTORY + " WHERE type = 'SQL'")) {
            while (rows.next()) {
                MigrationVersion version = MigrationVersion.fromVersion(rows.getString("version"));
                broken |= !rows.getBoolean("success");
                highest = newer(highest, version);
            }
        }
        boolean current = highest != null && highest.compareTo(Scripts.LATEST) >= 0 && !broken;
        return new Survey(Optional.ofNullable(highest), broken, current ? plan(connection, schema) : List.of());
    }

    private static MigrationVersion newer(@Nullable MigrationVersion a, MigrationVersion b) {
        return a != null && a.compareTo(b) > 0 ? a : b;
    }

    private static boolean hasHistory(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, '"' + schema + "\"." + HISTORY);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static List<Planned> plan(Connection connection, String schema) throws SQLException {
        List<Planned> plan = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT table_name, partition_name, first_day, needed, present"
                        + " FROM \"" + schema + "\".sagaz_partition_plan()")) {
            while (rows.next()) {
                plan.add(new Planned(
                        rows.getString("table_name"),
                        rows.getString("partition_name"),
                        rows.getObject("first_day", LocalDate.class),
                        rows.getBoolean("needed"),
                        rows.getBoolean("present")));
            }
        }
        return List.copyOf(plan);
    }

    boolean isBehind() {
        return broken || version.isEmpty() || version.get().compareTo(Scripts.LATEST) < 0;
    }

    /** Whether a newer library changed the schema so that this one cannot work with it. */
    boolean isOfNewerMajor() {
        return version.isPresent() && version.get().getMajor().compareTo(Scripts.LATEST.getMajor()) > 0;
    }

    boolean isComplete() {
        return !isBehind() && partitions.stream().allMatch(Planned::present);
    }
}
