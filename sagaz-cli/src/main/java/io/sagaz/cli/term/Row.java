package io.sagaz.cli.term;

import java.util.ArrayList;
import java.util.List;

/** A line of text under construction, which knows how wide it is. For one thread. */
public final class Row {
    private final List<Piece> pieces = new ArrayList<>();
    private int width;

    private record Piece(Style style, String text) {}

    /** Adds text. Every character of it must be one column wide. */
    public Row add(String text) {
        return add(Style.NORMAL, text);
    }

    /** Adds text in a style. */
    public Row add(Style style, String text) {
        pieces.add(new Piece(style, text));
        width += text.length();
        return this;
    }

    /** Adds another row. */
    public Row add(Row other) {
        other.pieces.forEach(piece -> add(piece.style(), piece.text()));
        return this;
    }

    /** Adds spaces up to this column, and at least one if there is text already. */
    public Row to(int column) {
        return add(" ".repeat(Math.max(width == 0 ? 0 : 1, column - width)));
    }

    /** Adds text so that it ends at this column. */
    public Row endingAt(int column, Style style, String text) {
        return to(column - text.length()).add(style, text);
    }

    /** A new row with this one between two bars, {@code inside} columns apart. */
    public Row framed(int inside) {
        Row framed = new Row().add("│ ");
        pieces.forEach(piece -> framed.add(piece.style(), piece.text()));
        return framed.add(" ".repeat(Math.max(0, inside - width)) + " │");
    }

    /** How wide it is. */
    public int width() {
        return width;
    }

    /** The line, cut off at {@code columns}, with or without colours. */
    public String render(int columns, boolean colours) {
        StringBuilder line = new StringBuilder();
        int left = columns;
        for (Piece piece : pieces) {
            String text = piece.text().substring(0, Math.min(left, piece.text().length()));
            left -= text.length();
            line.append(colours ? piece.style().paint(text) : text);
        }
        return line.toString();
    }
}
