package io.sagaz.cli.term;

import java.util.ArrayList;
import java.util.List;

/** Lines whose columns stand below each other, each as wide as its widest cell. For one thread. */
public final class Table {
    private static final String GAP = "  ";

    private final List<Column> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    /**
     * A column.
     *
     * @param title stands above it
     * @param number whether its cells end, rather than begin, below each other
     */
    public record Column(String title, boolean number) {
        /** A column of texts. */
        public static Column text(String title) {
            return new Column(title, false);
        }

        /** A column of numbers. */
        public static Column number(String title) {
            return new Column(title, true);
        }
    }

    /**
     * What stands in a column.
     *
     * @param style how it stands out
     * @param text one line
     */
    public record Cell(Style style, String text) {
        /** A cell that does not stand out. */
        public static Cell of(String text) {
            return new Cell(Style.NORMAL, text);
        }
    }

    /** A table without rows. */
    public Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /**
     * Adds a row.
     *
     * @throws IllegalArgumentException if it has not as many cells as there are columns
     */
    public Table add(Cell... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    /** Whether it has no rows. */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Its lines, that of the titles first. */
    public List<Row> lines() {
        List<Cell> titles = columns.stream()
                .map(column -> new Cell(Style.DIM, column.title()))
                .toList();
        List<Row> lines = new ArrayList<>();
        lines.add(line(titles));
        rows.forEach(row -> lines.add(line(row)));
        return lines;
    }

    private Row line(List<Cell> cells) {
        Row line = new Row();
        for (int i = 0; i < cells.size(); i++) {
            Cell cell = cells.get(i);
            String room = " ".repeat(width(i) - cell.text().length());
            boolean last = i == cells.size() - 1;
            if (columns.get(i).number()) {
                line.add(room).add(cell.style(), cell.text());
            } else {
                line.add(cell.style(), cell.text()).add(last ? "" : room);
            }
            line.add(last ? "" : GAP);
        }
        return line;
    }

    private int width(int column) {
        int widest = columns.get(column).title().length();
        for (List<Cell> row : rows) {
            widest = Math.max(widest, row.get(column).text().length());
        }
        return widest;
    }
}
