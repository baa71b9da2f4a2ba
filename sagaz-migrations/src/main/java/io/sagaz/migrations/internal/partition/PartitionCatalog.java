package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.PartitionSettings;
import io.sagaz.migrations.PartitionSettings.WhenExpired;
import io.sagaz.migrations.PartitionStatistics;
import io.sagaz.migrations.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the database says of partitions and settings. */
public final class PartitionCatalog {
    private final String schema;

    /** For a schema. */
    public PartitionCatalog(String schema) {
        this.schema = '"' + schema + '"';
    }

    /** What a plan depends on, as of now. */
    public PartitionFacts facts(Connection connection) throws SQLException {
        return new PartitionFacts(now(connection), settings(connection), partitions(connection));
    }

    /** The time by the clock of the database: that of this host decides nothing. */
    public static Instant now(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
            row.next();
            return instant(row, 1).orElseThrow();
        }
    }

    /** How the tables are kept, by name of the table. */
    public Map<String, PartitionSettings> settings(Connection connection) throws SQLException {
        Map<String, PartitionSettings> settings = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT table_name, coalesce(ahead, 0) AS ahead, when_expired, drop_unpublished,
                            extract(year FROM retention)::int * 12 + extract(month FROM retention)::int AS months,
                            extract(day FROM retention)::int AS days
                        FROM %s.partition_settings ORDER BY table_name
                        """.formatted(schema))) {
            while (row.next()) {
                String table = row.getString("table_name");
                settings.put(
                        table,
                        new PartitionSettings(
                                table,
                                row.getInt("ahead"),
                                Period.of(0, row.getInt("months"), row.getInt("days")),
                                WhenExpired.valueOf(row.getString("when_expired")),
                                row.getBoolean("drop_unpublished")));
            }
        }
        for (PartitionedTable table : PartitionedTable.values()) {
            if (!settings.containsKey(table.governedBy())) {
                throw new SQLException("partition_settings lacks the row of " + table.governedBy(), "02000");
            }
        }
        return settings;
    }

    /** Changes how a table is kept. */
    @SuppressWarnings("JavaPeriodGetDays") // Its months go beside it.
    public void change(Connection connection, PartitionSettings settings) throws SQLException {
        String sql = """
                UPDATE %s.partition_settings
                SET ahead = CASE granularity WHEN 'NONE' THEN NULL ELSE ? END,
                    retention = make_interval(months => ?, days => ?), when_expired = ?, drop_unpublished = ?
                WHERE table_name = ?
                """.formatted(schema);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, settings.ahead());
            statement.setInt(2, Math.toIntExact(settings.retention().toTotalMonths()));
            statement.setInt(3, settings.retention().getDays());
            statement.setString(4, settings.whenExpired().name());
            statement.setBoolean(5, settings.dropUnpublished());
            statement.setString(6, settings.table());
            if (statement.executeUpdate() != 1) {
                throw new SQLException("partition_settings lacks a row for " + settings.table(), "02000");
            }
        }
    }

    private List<Partition> partitions(Connection connection) throws SQLException {
        List<Partition> partitions = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT table_name, partition_name, partition_start,"
                        + " partition_end, state, retiring FROM " + schema + ".sagaz_partitions()")) {
            while (row.next()) {
                partitions.add(new Partition(
                        PartitionedTable.named(row.getString("table_name")),
                        row.getString("partition_name"),
                        instant(row, 3).orElse(Instant.MIN),
                        instant(row, 4).orElse(Instant.MAX),
                        Partition.State.valueOf(row.getString("state")),
                        row.getBoolean("retiring")));
            }
        }
        return partitions;
    }

    /** What needs the partitions that could go, by their names. May read their rows. */
    Map<String, List<Need>> needs(Connection connection, PartitionFacts facts) throws SQLException {
        Map<String, List<Need>> needs = new HashMap<>();
        for (Partition partition : PartitionPlanner.candidates(facts)) {
            needs.put(partition.name(), needs(connection, partition));
        }
        return needs;
    }

    private List<Need> needs(Connection connection, Partition partition) throws SQLException {
        List<Need> needs = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT reason, kept_by FROM " + schema + ".sagaz_partition_needs(?::text, ?::text)")) {
            statement.setString(1, partition.table().table());
            statement.setString(2, partition.name());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    needs.add(new Need(row.getString(1), Optional.ofNullable(row.getString(2))));
                }
            }
        } catch (SQLException e) {
            if (SqlStates.isConnectionLost(e)) {
                throw e;
            }
            // What cannot be told to be free is not, and keeps no other partition from being looked at.
            needs.add(new Need("nobody can tell whether it is needed: " + e.getMessage(), Optional.empty()));
        }
        return needs;
    }

    /** Why nothing may be taken away at a time, if so. */
    public Optional<String> doubtOfTime(Connection connection, Instant at) throws SQLException {
        return doubt(connection, "sagaz_doubt_of_time", at);
    }

    /** The same, and remembers that somebody has maintained at that time. For the owner. */
    Optional<String> noteTime(Connection connection, Instant at) throws SQLException {
        return doubt(connection, "sagaz_note_time", at);
    }

    private Optional<String> doubt(Connection connection, String function, Instant at) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + schema + '.' + function + "(?::timestamptz)")) {
            statement.setObject(1, at.atOffset(ZoneOffset.UTC));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Optional.ofNullable(row.getString(1));
            }
        }
    }

    /** A row for each partitioned table. */
    public List<PartitionStatistics> statistics(Connection connection) throws SQLException {
        List<PartitionStatistics> statistics = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT table_name, partition_count, oldest_partition,"
                        + " newest_partition, total_size_bytes, estimated_rows, writable_until, expired_count,"
                        + " detached_count, archived_count FROM " + schema + ".get_partition_statistics()")) {
            while (row.next()) {
                statistics.add(new PartitionStatistics(
                        row.getString("table_name"),
                        row.getLong("partition_count"),
                        Optional.ofNullable(row.getString("oldest_partition")),
                        Optional.ofNullable(row.getString("newest_partition")),
                        row.getLong("total_size_bytes"),
                        row.getLong("estimated_rows"),
                        instant(row, 7),
                        row.getLong("expired_count"),
                        row.getLong("detached_count"),
                        row.getLong("archived_count")));
            }
        }
        return statistics;
    }

    /** Renews the planner's knowledge of the tables as a whole, if it is old. Says what came in between, if anything. */
    public Optional<String> analyze(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT " + schema + ".sagaz_analyze()");
            return Optional.empty();
        } catch (SQLException e) {
            if (SqlStates.isConnectionLost(e)) {
                throw e;
            }
            return Optional.of("what the planner knows of the tables stays old: " + e.getMessage());
        }
    }

    /** Whether this session may detach and drop by itself. */
    public boolean isOwner(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = ANY (?::regclass[])")) {
            statement.setArray(1, connection.createArrayOf("text", relations()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private Object[] relations() {
        List<String> relations = new ArrayList<>();
        for (PartitionedTable table : PartitionedTable.values()) {
            relations.add(schema + '.' + table.table());
        }
        return relations.toArray();
    }

    private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
        @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        if (time == null || time.equals(OffsetDateTime.MIN) || time.equals(OffsetDateTime.MAX)) {
            return Optional.empty();
        }
        return Optional.of(time.toInstant());
    }
}
