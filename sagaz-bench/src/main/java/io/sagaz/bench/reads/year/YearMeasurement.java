package io.sagaz.bench.reads.year;

import io.sagaz.bench.Stage;
import io.sagaz.bench.measure.Durations;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TimeSpan;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PartitionPolicy;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** How long the reads take that dashboards make, on a year of sagas: on many partitions and on one, in turn in each round. */
public final class YearMeasurement {
    private static final double MOST_MILLIS = 200;
    private static final double MOST_CALLS = 0.95;
    private static final double SLOW_MILLIS = 5_000;
    private static final int SAMPLES = 200;

    private final Stage stage;
    private final YearSizes sizes;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<Cell, List<Double>> rounds = new LinkedHashMap<>();

    private final Set<Asked> slow = new HashSet<>();
    private final Set<Asked> givenUp = new HashSet<>();

    private record Asked(String read, Optional<Span> span) {}

    private record Sample(SagaId id, String name, String key) {}

    private record Cell(String read, Optional<Span> span, Layout layout) {}

    /** On the primary of a stage, which has no replicas any more. */
    public YearMeasurement(Stage stage, YearSizes sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    /** Makes the tables and measures. */
    public List<Section> measure() throws SQLException, InterruptedException {
        Instant newest = new YearTables(stage, sizes).make();
        sample();
        Map<Layout, RoutingSagaStore> stores = new EnumMap<>(Layout.class);
        try {
            for (Layout layout : Layout.values()) {
                stores.put(layout, store(layout));
            }
            for (int round = 0; round < sizes.rounds().total(); round++) {
                stage.progress()
                        .step("Dashboards: round " + (round + 1) + " of "
                                + sizes.rounds().total());
                for (DashboardRead read : DashboardRead.all()) {
                    for (Optional<Span> span : spans(read)) {
                        ask(read, span, stores, newest, round >= sizes.rounds().warmUps());
                    }
                }
            }
        } finally {
            stores.values().forEach(RoutingSagaStore::close);
        }
        return sections();
    }

    /** What takes very long is asked once. */
    private void ask(
            DashboardRead read,
            Optional<Span> span,
            Map<Layout, RoutingSagaStore> stores,
            Instant newest,
            boolean counts) {
        if (slow.contains(new Asked(read.title(), span))) {
            return;
        }
        Map<Layout, Double> millis = new EnumMap<>(Layout.class);
        stores.forEach((layout, store) -> millis.put(layout, p95(read, span, store, newest)));
        boolean tooSlow = millis.values().stream().anyMatch(taken -> taken > SLOW_MILLIS);
        if (tooSlow) {
            slow.add(new Asked(read.title(), span));
        }
        if (counts || tooSlow) {
            millis.forEach((layout, taken) -> rounds.computeIfAbsent(
                            new Cell(read.title(), span, layout), any -> new ArrayList<>())
                    .add(taken));
        }
    }

    private RoutingSagaStore store(Layout layout) {
        var login = stage.through();
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(login.url(), login.user(), login.password())
                        .maximumSize(2))
                .schema(layout.schema())
                .migrations(MigrationMode.OFF)
                .partitions(PartitionPolicy.leftToOthers())
                .build();
    }

    private void sample() throws SQLException {
        try (Connection connection = stage.owner();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT saga_id, saga_name, idempotency_key"
                        + " FROM saga_idempotency_keys ORDER BY random() LIMIT " + SAMPLES)) {
            while (row.next()) {
                samples.add(new Sample(new SagaId(row.getObject(1, UUID.class)), row.getString(2), row.getString(3)));
            }
        }
    }

    private static List<Optional<Span>> spans(DashboardRead read) {
        if (!read.spanned()) {
            return List.of(Optional.empty());
        }
        List<Optional<Span>> spans = new ArrayList<>();
        for (Span span : Span.values()) {
            spans.add(Optional.of(span));
        }
        return spans;
    }

    private double p95(DashboardRead read, Optional<Span> span, RoutingSagaStore store, Instant newest) {
        Durations durations = new Durations();
        TimeSpan over = TimeSpan.last(span.orElse(Span.HOUR).length(), newest.plusSeconds(1));
        long begin = System.nanoTime();
        long now = begin;
        while (durations.count() == 0
                || (durations.count() < sizes.most()
                        && now - begin < sizes.slice().toNanos())) {
            Sample sample = samples.get(durations.count() % samples.size());
            try {
                read.call().ask(new Question(store, over, sample.id(), sample.name(), sample.key()));
            } catch (StoreException e) {
                givenUp.add(new Asked(read.title(), span));
            }
            long after = System.nanoTime();
            durations.add(after - now);
            now = after;
        }
        return durations.percentileMillis(MOST_CALLS)[0];
    }

    private List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        sections.add(section("dashboards, one saga or now", Optional.empty()));
        for (Span span : Span.values()) {
            sections.add(section("dashboards, " + span.title(), Optional.of(span)));
        }
        return sections;
    }

    private Section section(String title, Optional<Span> span) {
        List<Result> results = new ArrayList<>();
        List<String> late = new ArrayList<>();
        for (DashboardRead read : DashboardRead.all()) {
            if (read.spanned() == span.isPresent()) {
                Result one = result(read, span, Layout.ONE);
                Result partitioned = result(read, span, Layout.PARTITIONED)
                        .against(one)
                        .shouldBe(
                                "p95 less than " + Math.round(MOST_MILLIS) + " ms",
                                result -> result.value() < MOST_MILLIS);
                results.add(span.map(Span::isPictured).orElse(true) ? partitioned.inPicture() : partitioned);
                results.add(one);
                if (partitioned.value() >= MOST_MILLIS) {
                    late.add(read.title() + " (" + Words.millis(partitioned.value())
                            + (givenUp.contains(new Asked(read.title(), span))
                                    ? ", given up without an answer)"
                                    : ")"));
                }
            }
        }
        return new Section(
                title,
                "What 95 of 100 calls took at most, from the call to its return, in rounds of up to " + sizes.most()
                        + " calls that begin within " + sizes.slice().toMillis()
                        + " ms; at least one, and only once what takes more than "
                        + Words.millis(SLOW_MILLIS) + ". "
                        + Words.count(sizes.sagas()) + " sagas of twelve months; the youngest "
                        + Words.count(sizes.detailed())
                        + " have steps, audit entries, events and idempotency keys. \"One table\" is the same schema with the"
                        + " same rows in the same order, where each table has one partition for all times. The store has no"
                        + " replicas here: it asks the primary, through PgBouncer-RW.",
                results,
                late.isEmpty()
                        ? "All of them stay below " + Math.round(MOST_MILLIS) + " ms."
                        : "Not below " + Math.round(MOST_MILLIS) + " ms: " + String.join("; ", late) + ".");
    }

    private Result result(DashboardRead read, Optional<Span> span, Layout layout) {
        List<Double> values = rounds.get(new Cell(read.title(), span, layout));
        if (values == null) {
            throw new IllegalStateException("Nothing was measured of " + read.title());
        }
        return Result.median(read.title() + ", p95, " + layout.title(), Unit.MILLIS, new Rounds(values));
    }
}
