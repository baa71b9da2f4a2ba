package io.sagaz.cli.term;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.cli.term.Table.Cell;
import io.sagaz.cli.term.Table.Column;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void textsBeginAndNumbersEndBelowEachOther() {
        Table table = new Table(Column.text("NAME"), Column.number("N"), Column.text("NOTE"))
                .add(Cell.of("a"), Cell.of("1,000"), Cell.of("-"))
                .add(new Cell(Style.BAD, "longer"), Cell.of("2"), Cell.of("a long note"));

        assertThat(table.lines())
                .extracting(line -> line.render(Integer.MAX_VALUE, false))
                .containsExactly("NAME        N  NOTE", "a       1,000  -", "longer      2  a long note");
    }

    @Test
    void coloursTakeNoRoom() {
        Table table = new Table(Column.number("N")).add(new Cell(Style.BAD, "1"));

        assertThat(table.lines().get(1).width()).isEqualTo(1);
        assertThat(table.lines().get(1).render(80, true)).isEqualTo("\u001b[1;31m1\u001b[0m");
    }

    @Test
    void aRowHasACellForEachColumn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Table(Column.text("A")).add(Cell.of("1"), Cell.of("2")));
    }
}
