package io.sagaz.cli.term;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RowTest {
    private final Row row = new Row().add("ab").to(5).add(Style.GOOD, "cd").endingAt(12, Style.BAD, "ef");

    @Test
    void columnsAreKept() {
        assertThat(row.render(80, false)).isEqualTo("ab   cd   ef");
        assertThat(row.width()).isEqualTo(12);
    }

    @Test
    void coloursTakeNoColumns() {
        assertThat(row.render(6, true)).isEqualTo("ab   \u001b[32mc\u001b[0m").doesNotContain("ef");
        assertThat(row.render(6, false)).isEqualTo("ab   c");
    }

    @Test
    void piecesNeverTouch() {
        assertThat(new Row().add("abc").to(2).add("d").render(80, false)).isEqualTo("abc d");
    }

    @Test
    void frameClosesAtItsWidth() {
        assertThat(new Row().add("ab").framed(4).render(80, false)).isEqualTo("│ ab   │");
    }
}
