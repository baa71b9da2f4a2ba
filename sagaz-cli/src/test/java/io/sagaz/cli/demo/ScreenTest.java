package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.RouteReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScreenTest {
    private final Screen screen = new Screen("PostgreSQL 17.2  PgBouncer 1.24  seed 42", 1, Duration.ofMillis(500));

    @ParameterizedTest
    @ValueSource(ints = {20, 40, 60, 79, 80, 81, 100, 120, 200})
    void noLineIsWiderThanTheTerminal(int columns) {
        assertThat(lines(snapshot(Snapshot.Stage.PAUSED), columns))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(columns));
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 120})
    void nothingIsCutOffWhereThePictureFits(int columns) {
        assertThat(lines(snapshot(Snapshot.Stage.RUNNING), columns))
                .anySatisfy(line -> assertThat(line)
                        .contains("service", "PgBouncer-RW", "primary", "─WAL─▶", "replica", "dashboard"));
        assertThat(screen.draw(snapshot(Snapshot.Stage.RUNNING), columns))
                .allSatisfy(row -> assertThat(row.width()).isLessThanOrEqualTo(columns));
    }

    @Test
    void narrowTerminalGetsTheFiguresWithoutThePicture() {
        List<String> lines = lines(snapshot(Snapshot.Stage.RUNNING), 60);

        assertThat(lines).noneSatisfy(line -> assertThat(line).contains("PgBouncer-RW"));
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("812 sagas/s", "3,250 events/s"));
    }

    @Test
    void pauseIsSeen() {
        List<String> lines = lines(snapshot(Snapshot.Stage.PAUSED), 100);

        assertThat(lines).anySatisfy(line -> assertThat(line).contains("─╳WAL─"));
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("paused"));
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("12.0 s", "replay paused on replica-1"));
    }

    @Test
    void readsOfBothRoutesAreDrawnOverTime() {
        List<String> lines = lines(snapshot(Snapshot.Stage.PAUSED), 160);

        // Half of the run has passed: full columns, then the floor, on the replica's line; the reverse on the other.
        assertThat(lines).anySatisfy(line -> assertThat(line).matches(" +replica +█+▁+ +9,431"));
        assertThat(lines).anySatisfy(line -> assertThat(line).matches(" +primary +▁+█+ +1,203"));
    }

    @Test
    void reasonsAreNamed() {
        assertThat(lines(snapshot(Snapshot.Stage.PAUSED), 100))
                .anySatisfy(line -> assertThat(line).contains("replica fresh 9,431 · replica stale 1,203"));
    }

    @Test
    void handledTroubleIsShownOnlyIfThereIsAny() {
        assertThat(lines(snapshot(Snapshot.Stage.RUNNING), 100))
                .noneSatisfy(line -> assertThat(line).contains("retried"));
        assertThat(lines(snapshot(Snapshot.Stage.PAUSED), 100))
                .anySatisfy(line -> assertThat(line).contains("3 writes retried"));
    }

    @Test
    void plainLineSaysTheSame() {
        assertThat(PlainView.line(snapshot(Snapshot.Stage.RUNNING)))
                .isEqualTo("812 sagas/s, 3,250 events/s, p99 9.8 ms; reads/s: 380 replica, 20 primary, p99 3.0 ms;"
                        + " proved within 212 ms");
    }

    private List<String> lines(Snapshot snapshot, int columns) {
        return screen.draw(snapshot, columns).stream()
                .map(row -> row.render(columns, false))
                .toList();
    }

    private static Snapshot snapshot(Snapshot.Stage stage) {
        boolean paused = stage == Snapshot.Stage.PAUSED;
        return new Snapshot(
                stage,
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                new Snapshot.Writes(
                        new Ledger.Totals(12_034, 12_030, 601, 48_112),
                        812,
                        3_250,
                        new Latencies.Percentiles(3.1, 9.8)),
                new Snapshot.Reads(
                        new Snapshot.Route(9_431, 380, quarters(20, 0)),
                        new Snapshot.Route(1_203, 20, quarters(0, 20)),
                        new Latencies.Percentiles(0.6, 3),
                        Map.of(RouteReason.REPLICA_FRESH, 9_431L, RouteReason.REPLICA_STALE, 1_203L),
                        Duration.ofMillis(212),
                        Duration.ofMillis(488)),
                new Troubles(paused ? 3 : 0, 0, 0, 0, 0, 0, 0),
                new Story(List.of(new Story.Entry(Duration.ofSeconds(12), "replay paused on replica-1"))));
    }

    /** One number in the first quarter of the run, another in the second, nothing yet in the other half. */
    private static List<Integer> quarters(int first, int second) {
        return IntStream.range(0, History.SLOTS)
                .mapToObj(slot -> slot < History.SLOTS / 4 ? first : slot < History.SLOTS / 2 ? second : 0)
                .toList();
    }
}
