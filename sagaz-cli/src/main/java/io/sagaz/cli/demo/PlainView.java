package io.sagaz.cli.demo;

import io.sagaz.cli.term.Figures;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Shows a run as lines of text, one every other second: for pipes, log files and continuous integration. */
final class PlainView implements View {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(2);

    private final Consumer<String> lines;
    private Duration next = BETWEEN_LINES;

    PlainView(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void say(String line) {
        lines.accept(line);
    }

    @Override
    public void tell(Story.Entry entry) {
        lines.accept(time(entry.at()) + entry.text());
    }

    @Override
    public void show(Snapshot snapshot) {
        if (snapshot.elapsed().compareTo(next) < 0) {
            return;
        }
        while (next.compareTo(snapshot.elapsed()) <= 0) {
            next = next.plus(BETWEEN_LINES);
        }
        lines.accept(time(snapshot.elapsed()) + line(snapshot));
    }

    @Override
    public void close() {
        // Lines leave nothing to undo.
    }

    /** A snapshot in one line. */
    static String line(Snapshot snapshot) {
        return Figures.rate(snapshot.writes().sagasPerSecond()) + " sagas/s, "
                + Figures.rate(snapshot.writes().eventsPerSecond()) + " events/s, p99 "
                + Figures.millis(snapshot.writes().latency().p99Millis()) + "; reads/s: "
                + Figures.rate(snapshot.reads().replica().perSecond()) + " replica, "
                + Figures.rate(snapshot.reads().primary().perSecond()) + " primary, p99 "
                + Figures.millis(snapshot.reads().latency().p99Millis()) + "; proved within "
                + Figures.duration(snapshot.reads().newestBound());
    }

    private static String time(Duration at) {
        return String.format(Locale.ROOT, "%5.1f s  ", at.toMillis() / 1e3);
    }
}
