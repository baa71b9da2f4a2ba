package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.term.Figures;
import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionSettings;
import io.sagaz.migrations.PartitionStatistics;
import io.sagaz.storage.PartitionSize;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Partitions are there ahead of time, and go when they have expired. */
final class PartitionsAreKept implements Check {
    private static final String OUTBOX = "saga_outbox";
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration WEEK = Duration.ofDays(7);
    /** Who maintains does so once a day, or oftener; a partition goes in two looks. */
    private static final Duration GRACE = Duration.ofDays(2);

    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.data().stream().flatMap(data -> {
            List<PartitionSettings> settings = data.settings().known().orElse(List.of());
            Stream<Finding> ahead = data.partitions().known().stream()
                    .flatMap(tables -> tables.stream().flatMap(table -> ahead(table, settings, look.at()).stream()));
            List<PartitionSize> sizes = data.sizes().known().orElse(List.of());
            Stream<Finding> due = data.upkeep().known().stream()
                    .flatMap(upkeep -> upkeep.actions().stream()
                            .flatMap(action -> due(action, sizes, settings, look.at()).stream()));
            return Stream.concat(ahead, due);
        });
    }

    private static Optional<Finding> ahead(PartitionStatistics table, List<PartitionSettings> settings, Instant now) {
        boolean daily = table.table().equals(OUTBOX);
        Duration period = daily ? DAY : MONTH;
        Duration wanted = settingsOf(table.table(), settings)
                .map(kept -> period.multipliedBy(Math.max(1, 2L * (kept.ahead() - 1)))
                        .dividedBy(2))
                .orElse(daily ? DAY : WEEK);
        Duration left =
                table.writableUntil().map(until -> Duration.between(now, until)).orElse(Duration.ZERO);
        if (left.compareTo(wanted) >= 0) {
            return Optional.empty();
        }
        boolean soon = left.compareTo(daily ? DAY : WEEK) < 0;
        return Optional.of(new Finding(
                Id.PARTITION_MISSING,
                soon ? Severity.CRITICAL : Severity.WARNING,
                table.table(),
                table.writableUntil()
                        .map(until -> "Rows can be written for " + Figures.age(left) + " more, until " + until)
                        .orElse("Rows of now have no partition"),
                "Then every write fails: no partition of relation found for row.",
                "sagaz partition maintain, and find out why nobody does it: a store with MigrationMode.APPLY does every hour,"
                        + " else a job must once a day."));
    }

    private static Optional<Finding> due(
            PartitionAction action, List<PartitionSize> sizes, List<PartitionSettings> settings, Instant now) {
        String what = action.partition().isEmpty() ? "the partitions" : action.partition();
        return switch (action.kind()) {
            case KEEP, ATTACH ->
                isLongDue(action, sizes, settings, now)
                        ? Optional.of(new Finding(
                                Id.PARTITION_KEPT,
                                Severity.WARNING,
                                what,
                                "It has expired and is kept: " + action.details(),
                                "It takes room until nothing needs it, and queries have one more partition to plan for.",
                                "End what needs it: finish the sagas, start the relay or remove it for good, send dead"
                                        + " letters again or purge them (docs/partitions.md, KEEP that lasts)."))
                        : Optional.empty();
            case DROP, ARCHIVE, DETACH ->
                isLongDue(action, sizes, settings, now)
                        ? Optional.of(new Finding(
                                Id.PARTITION_OVERDUE,
                                Severity.WARNING,
                                what,
                                "It has expired, nothing needs it, and it is still there",
                                "Nobody takes old partitions away; most likely nobody makes new ones either.",
                                "sagaz partition maintain. If that says LATER: end the transactions that do not end."))
                        : Optional.empty();
            case FAIL ->
                Optional.of(new Finding(
                        Id.PARTITION_FAILING,
                        Severity.CRITICAL,
                        what,
                        "A maintenance would fail: " + action.details(),
                        "What is missing is not made, or what has expired not taken away.",
                        "docs/partitions.md says for each such failure what helps (FAIL)."));
            case LATER ->
                action.partition().isEmpty()
                        ? Optional.of(new Finding(
                                Id.PARTITION_TIME_IN_DOUBT,
                                Severity.WARNING,
                                what,
                                action.details(),
                                "Until that is over nothing is taken away.",
                                "Wait, if the clocks are right and somebody maintains now; docs/partitions.md says how to end"
                                        + " it at once."))
                        : Optional.empty();
            case CREATE, EXISTS, BUSY -> Optional.empty();
        };
    }

    /** Whether it should have gone days ago; so it is if nobody knows. */
    private static boolean isLongDue(
            PartitionAction action, List<PartitionSize> sizes, List<PartitionSettings> settings, Instant now) {
        Optional<Instant> end = sizes.stream()
                .filter(size -> size.partition().equals(action.partition()))
                .flatMap(size -> size.before().stream())
                .findFirst();
        Optional<Period> kept = settingsOf(action.table(), settings).map(PartitionSettings::retention);
        if (end.isEmpty() || kept.isEmpty()) {
            return true;
        }
        Instant due = LocalDateTime.ofInstant(end.get(), ZoneOffset.UTC)
                .plus(kept.get())
                .toInstant(ZoneOffset.UTC);
        return now.isAfter(due.plus(GRACE));
    }

    private static Optional<PartitionSettings> settingsOf(String table, List<PartitionSettings> settings) {
        String governing = table.equals("saga_steps") ? "saga_executions" : table;
        return settings.stream().filter(each -> each.table().equals(governing)).findFirst();
    }
}
