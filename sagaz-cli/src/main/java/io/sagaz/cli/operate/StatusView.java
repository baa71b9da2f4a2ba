package io.sagaz.cli.operate;

import io.sagaz.cli.look.Fact;
import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.PoolerLook;
import io.sagaz.cli.look.PoolerState;
import io.sagaz.cli.look.ServerLook;
import io.sagaz.cli.look.ServerState;
import io.sagaz.cli.look.ServerState.Replay;
import io.sagaz.cli.look.ServerState.Slot;
import io.sagaz.cli.look.ServerState.Standby;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Table;
import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import io.sagaz.migrations.PartitionStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A look, for people. Pure. */
final class StatusView {
    private StatusView() {}

    static List<Row> of(Look look) {
        List<Row> lines = new ArrayList<>();
        section(lines, "SERVERS", servers(look));
        look.leader().ifPresent(leader -> {
            section(lines, "STANDBYS", fact(leader.standbys(), StatusView::standbys));
            section(lines, "SLOTS", fact(leader.slots(), StatusView::slots));
        });
        if (!look.poolers().isEmpty()) {
            section(lines, "POOLS", pools(look.poolers()));
        }
        look.data().ifPresent(data -> {
            section(
                    lines,
                    "SCHEMA",
                    fact(
                            data.schema(),
                            schema -> List.of(new Row()
                                    .add(
                                            schema.isUsable() ? Style.GOOD : Style.BAD,
                                            schema.fit().name() + " ")
                                    .add("version " + schema.version().orElse("-") + ", this program's is "
                                            + schema.needed()))));
            if (data.schema().known().filter(schema -> schema.isUsable()).isPresent()) {
                section(lines, "PARTITIONS", fact(data.partitions(), statistics -> partitions(statistics, look)));
                section(
                        lines,
                        "OUTBOX",
                        fact(
                                data.outbox(),
                                depths ->
                                        OutboxCommands.table(depths, look.at()).lines()));
            }
        });
        lines.remove(lines.size() - 1);
        return lines;
    }

    private static void section(List<Row> lines, String title, List<Row> content) {
        lines.add(new Row().add(Style.BOLD, title));
        content.forEach(line -> lines.add(new Row().add("  ").add(line)));
        lines.add(new Row());
    }

    private static <T> List<Row> fact(Fact<T> fact, Function<T, List<Row>> shown) {
        return fact.known().map(shown).orElseGet(() -> List.of(notKnown(fact)));
    }

    private static Row notKnown(Fact<?> fact) {
        return new Row()
                .add(
                        Style.BAD,
                        "not known: " + fact.unknown().map(Fact.Unknown::why).orElse(""));
    }

    /** Why somebody is not shown, and what helps if that is plain. */
    private static String why(Fact<?> fact) {
        return fact.unknown()
                .map(unknown -> unknown.remedy()
                        .map(remedy -> unknown.why() + " → " + remedy)
                        .orElse("does not answer: " + unknown.why()))
                .orElse("");
    }

    private static List<Row> servers(Look look) {
        Table table = new Table(
                Column.text("WAY"),
                Column.text("LEADS TO"),
                Column.text("ROLE"),
                Column.text("VERSION"),
                Column.number("BEHIND"),
                Column.text("WAL RECEIVER"),
                Column.text("REPLAY"),
                Column.number("CLOCK"),
                Column.text("UP SINCE"));
        List<Row> down = new ArrayList<>();
        Optional<Long> written = look.leader().map(ServerState::position);
        for (ServerLook way : look.ways()) {
            way.state().known().ifPresentOrElse(state -> add(table, way, state, written), () -> {
                down.add(
                        new Row().add(Style.BAD, way.name() + " ").add(way.way().address() + ": " + why(way.state())));
            });
        }
        List<Row> lines = new ArrayList<>(table.isEmpty() ? List.of() : table.lines());
        lines.addAll(down);
        return lines;
    }

    private static void add(Table table, ServerLook way, ServerState state, Optional<Long> written) {
        Optional<Replay> replay = state.replay();
        table.add(
                Cell.of(way.name()),
                Cell.of(state.address() + (state.pooled() ? " (pooled)" : "")),
                Cell.of(state.role()),
                Cell.of(state.version()),
                Cell.of(
                        replay.isEmpty()
                                ? "-"
                                : written.map(position -> Figures.bytes(Math.max(0, position - state.position())))
                                        .orElse("?")),
                replay.map(how -> receiver(how)).orElse(Cell.of("-")),
                replay.map(how -> how.paused() ? new Cell(Style.NOTABLE, "paused") : Cell.of("on"))
                        .orElse(Cell.of("-")),
                Cell.of(signed(state.clock().ahead())),
                Cell.of(state.startedAt().toString().replaceFirst("\\.\\d+", "")));
    }

    private static Cell receiver(Replay replay) {
        return replay.receiver()
                .known()
                .map(receiver -> receiver.map(
                                state -> new Cell(state.equals("streaming") ? Style.GOOD : Style.NOTABLE, state))
                        .orElse(new Cell(Style.BAD, "none")))
                .orElse(new Cell(Style.NOTABLE, "hidden"));
    }

    private static String signed(Duration ahead) {
        return (ahead.isNegative() ? "-" : "+") + Figures.duration(ahead.abs());
    }

    private static List<Row> standbys(List<Standby> standbys) {
        Table table = new Table(
                Column.text("STANDBY"),
                Column.text("ADDRESS"),
                Column.text("STATE"),
                Column.text("SYNC"),
                Column.number("BEHIND"),
                Column.number("LAG"),
                Column.text("SLOT"));
        for (Standby standby : standbys) {
            table.add(
                    Cell.of(standby.name()),
                    Cell.of(standby.address()),
                    new Cell(standby.state().equals("streaming") ? Style.GOOD : Style.NOTABLE, standby.state()),
                    Cell.of(standby.sync()),
                    Cell.of(Figures.bytes(standby.behindBytes())),
                    Cell.of(standby.replayLag().map(Figures::duration).orElse("-")),
                    Cell.of(standby.slot().orElse("-")));
        }
        return table.isEmpty() ? none() : table.lines();
    }

    private static List<Row> slots(List<Slot> slots) {
        Table table = new Table(
                Column.text("SLOT"),
                Column.text("TYPE"),
                Column.text("ACTIVE"),
                Column.number("KEEPS"),
                Column.text("WAL"),
                Column.number("LOST AFTER"));
        for (Slot slot : slots) {
            table.add(
                    Cell.of(slot.name()),
                    Cell.of(slot.type()),
                    slot.active() ? new Cell(Style.GOOD, "yes") : new Cell(Style.BAD, "no"),
                    Cell.of(Figures.bytes(slot.keptBytes())),
                    Cell.of(slot.walStatus()),
                    Cell.of(slot.safeBytes().map(Figures::bytes).orElse("no limit")));
        }
        return table.isEmpty() ? none() : table.lines();
    }

    /** The pools, for people. */
    static List<Row> pools(List<PoolerLook> poolers) {
        Table table = new Table(
                Column.text("POOLER"),
                Column.text("DATABASE"),
                Column.text("ROLE"),
                Column.text("MODE"),
                Column.number("CLIENTS"),
                Column.number("WAITING"),
                Column.number("LONGEST"),
                Column.number("BUSY"),
                Column.number("IDLE"),
                Column.number("MOST"));
        List<Row> down = new ArrayList<>();
        for (PoolerLook pooler : poolers) {
            String name = pooler.name() + " " + pooler.way().address();
            pooler.state()
                    .known()
                    .ifPresentOrElse(
                            state -> state.pools().forEach(pool -> add(table, name, state, pool)),
                            () -> down.add(new Row().add(Style.BAD, name + " ").add(why(pooler.state()))));
        }
        List<Row> lines = new ArrayList<>(table.isEmpty() ? List.of() : table.lines());
        lines.addAll(down);
        return lines.isEmpty() ? none() : lines;
    }

    private static void add(Table table, String name, PoolerState state, PoolerState.Pool pool) {
        int most = state.poolSize(pool);
        table.add(
                Cell.of(name),
                Cell.of(pool.database()),
                Cell.of(pool.user()),
                Cell.of(pool.mode()),
                Cell.of(Integer.toString(pool.clientsActive())),
                new Cell(
                        pool.clientsWaiting() == 0 ? Style.NORMAL : Style.BAD, Integer.toString(pool.clientsWaiting())),
                Cell.of(pool.longestWait().isZero() ? "-" : Figures.duration(pool.longestWait())),
                Cell.of(Integer.toString(pool.serversActive())),
                Cell.of(Integer.toString(pool.serversIdle())),
                Cell.of(most == 0 ? "-" : Integer.toString(most)));
    }

    private static List<Row> partitions(List<PartitionStatistics> statistics, Look look) {
        Table table = new Table(
                Column.text("TABLE"),
                Column.number("PARTITIONS"),
                Column.text("OLDEST"),
                Column.text("NEWEST"),
                Column.number("SIZE"),
                Column.number("ROWS (EST.)"),
                Column.number("WRITABLE FOR"),
                Column.number("EXPIRED"));
        for (PartitionStatistics each : statistics) {
            table.add(
                    Cell.of(each.table()),
                    Cell.of(Long.toString(each.partitions())),
                    Cell.of(each.oldest().orElse("-").replaceFirst("^.*_y", "y")),
                    Cell.of(each.newest().orElse("-").replaceFirst("^.*_y", "y")),
                    Cell.of(Figures.bytes(each.bytes())),
                    Cell.of(Figures.count(each.estimatedRows())),
                    each.writableUntil()
                            .map(until -> Cell.of(Figures.age(Duration.between(look.at(), until))))
                            .orElse(new Cell(Style.BAD, "not at all")),
                    new Cell(each.expired() == 0 ? Style.NORMAL : Style.NOTABLE, Long.toString(each.expired())));
        }
        return table.lines();
    }

    private static List<Row> none() {
        return List.of(new Row().add(Style.DIM, "none"));
    }
}
