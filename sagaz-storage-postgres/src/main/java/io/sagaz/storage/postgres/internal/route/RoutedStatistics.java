package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.SagaDurations;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaOutcomes;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaThroughput;
import io.sagaz.storage.StepDurations;
import io.sagaz.storage.TimeSpan;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.SqlSagaStatistics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Statistics under one consistency, of all sagas or of one kind. Safe for threads. */
final class RoutedStatistics implements SagaStatistics {
    private final ReadPath path;
    private final SqlSagaStatistics sql;
    private final ReadConsistency consistency;
    private final Optional<String> name;

    RoutedStatistics(ReadPath path, SqlSagaStatistics sql, ReadConsistency consistency, Optional<String> name) {
        this.path = path;
        this.sql = sql;
        this.consistency = Arguments.present("consistency", consistency);
        this.name = name;
    }

    @Override
    public SagaStatistics named(String name) {
        return new RoutedStatistics(
                path, sql, consistency, SagaFilter.named(name).name());
    }

    @Override
    public ReadResult<List<SagaThroughput>> throughput(TimeSpan span, Duration interval) {
        Intervals.check(span, interval);
        return path.read("throughput", consistency, connection -> sql.throughput(connection, span, interval, name));
    }

    @Override
    public ReadResult<List<SagaOutcomes>> outcomes(TimeSpan span) {
        Arguments.present("span", span);
        return path.read("outcomes", consistency, connection -> sql.outcomes(connection, span, name));
    }

    @Override
    public ReadResult<Optional<SagaDurations>> durations(TimeSpan span) {
        Arguments.present("span", span);
        return path.read(
                "durations",
                consistency,
                connection -> sql.durations(connection, span, Optional.empty(), name).stream()
                        .findFirst());
    }

    @Override
    public ReadResult<List<SagaDurations>> durations(TimeSpan span, Duration interval) {
        Intervals.check(span, interval);
        return path.read(
                "durations", consistency, connection -> sql.durations(connection, span, Optional.of(interval), name));
    }

    @Override
    public ReadResult<List<StepDurations>> slowestSteps(TimeSpan span, int limit) {
        Arguments.present("span", span);
        checkLimit(limit);
        return path.read("slowestSteps", consistency, connection -> sql.slowestSteps(connection, span, limit, name));
    }

    @Override
    public ReadResult<List<SagaSummary>> oldestUnfinished(TimeSpan span, int limit) {
        Arguments.present("span", span);
        checkLimit(limit);
        return path.read(
                "oldestUnfinished", consistency, connection -> sql.oldestUnfinished(connection, span, limit, name));
    }

    @Override
    public ReadResult<List<PartitionSize>> partitions() {
        return path.read("partitions", consistency, sql::partitions);
    }

    private static void checkLimit(int limit) {
        if (limit < 1 || limit > MOST_ROWS) {
            throw new IllegalArgumentException("limit must be 1 to " + MOST_ROWS + " but is " + limit);
        }
    }
}
