package io.sagaz.cli.term;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class GlyphsTest {
    @Test
    void localeDecidesWhetherTheTerminalTakesUtf8() {
        assertThat(Glyphs.utf8(Map.of("LANG", "de_DE.UTF-8"))).isTrue();
        assertThat(Glyphs.utf8(Map.of("LANG", "C.utf8"))).isTrue();
        assertThat(Glyphs.utf8(Map.of("LANG", "de_DE.UTF-8", "LC_ALL", "C"))).isFalse();
        assertThat(Glyphs.utf8(Map.of("LC_ALL", "", "LANG", "en_US.UTF-8"))).isTrue();
        assertThat(Glyphs.utf8(Map.of())).isFalse();
    }

    @Test
    void everyStandInIsOneCharacter() {
        String fancy = "─▶ primary ▁▄█ │ ✓ … é";

        assertThat(Glyphs.ascii(fancy)).isEqualTo("-> primary _-# | v . ?").hasSameSizeAs(fancy);
    }
}
