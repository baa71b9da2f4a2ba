package io.sagaz.bench.outbox;

import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Load;
import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.measure.Series;
import io.sagaz.bench.report.Section;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** How many events everybody appends in a second. In each round all take their turn. */
final class AppendMeasurement {
    private final Stage stage;
    private final OutboxSizes.Appending sizes;
    private final Series<Cell> rates = new Series<>();
    private final AtomicLong numbers = new AtomicLong();

    private record Cell(Author author, int events, int writers) {}

    AppendMeasurement(Stage stage, OutboxSizes.Appending sizes) {
        this.stage = stage;
        this.sizes = sizes;
    }

    List<Section> measure() throws SQLException, InterruptedException {
        for (int writers : sizes.writers()) {
            OutboxTables.empty(stage);
            try (Authors authors = new Authors(stage, writers)) {
                for (int round = 0; round < sizes.rounds().total(); round++) {
                    measure(authors, writers, round);
                }
            }
        }
        OutboxTables.empty(stage);
        return new AppendSections(this, sizes).sections();
    }

    private void measure(Authors authors, int writers, int round) throws SQLException, InterruptedException {
        boolean warm = round >= sizes.rounds().warmUps();
        if (round == sizes.rounds().warmUps()) {
            OutboxTables.settle(stage);
        }
        stage.progress()
                .step((warm ? "Appending with " : "Warming up ") + AppendSections.writers(writers) + ", round "
                        + (round + 1) + " of " + sizes.rounds().total());
        for (int events : sizes.events()) {
            for (Author author : Author.values()) {
                double rate = rate(authors.of(author), events, writers, warm ? sizes.slice() : sizes.warmUp());
                if (warm) {
                    rates.add(new Cell(author, events, writers), rate);
                }
            }
        }
    }

    private double rate(Appender appender, int events, int writers, Duration length)
            throws SQLException, InterruptedException {
        return events
                * Load.lasting(writers, length)
                        .run(() -> () -> {
                            appender.append(numbers.getAndAdd(events), events);
                            return true;
                        })
                        .perSecond();
    }

    /** Events in a second. */
    Rounds rates(Author author, int events, int writers) {
        return rates.of(new Cell(author, events, writers));
    }
}
