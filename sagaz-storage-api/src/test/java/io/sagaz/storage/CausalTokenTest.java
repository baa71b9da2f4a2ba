package io.sagaz.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CausalTokenTest {
    private static final CausalToken TOKEN = new CausalToken(7_300_000_000_000_000_001L, 3, 0x16_B374_D848L);

    @Test
    void theTextFormIsShortAndReadsBack() {
        assertThat(TOKEN.toString()).hasSize(28).matches("[A-Za-z0-9_-]+");
        assertThat(CausalToken.parse(TOKEN.toString())).isEqualTo(TOKEN);
        CausalToken ofTheFirstHistory = new CausalToken(7, 1, 8);
        assertThat(CausalToken.parse(ofTheFirstHistory.toString())).isEqualTo(ofTheFirstHistory);
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            CausalToken any =
                    new CausalToken(random.nextLong(), 1 + random.nextInt(Integer.MAX_VALUE), random.nextLong());
            assertThat(CausalToken.parse(any.toString())).as("seed %d", seed).isEqualTo(any);
        }
    }

    @Test
    void theTextFormStaysWhatItIs() {
        assertThat(TOKEN).hasToString("AWVOz1KsWgABAAAAAwAAABazdNhI");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "0/16B3748",
                "AWVOz1KsWgABAAAAAwAAABazdNh",
                "AWVOz1KsWgABAAAAAwAAABazdNhIAA",
                "AmVOz1KsWgABAAAAAwAAABazdNhI",
                "AWVOz1KsWgABAAAAAAAAABazdNhI",
                "AWVOz1KsWgAB AAAAwAAABazdNhI"
            })
    void whatIsNoTokenIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalToken.parse(text))
                .withMessage("CausalToken must be the text that CausalToken.toString() gave but is \"" + text + "\"");
    }

    @Test
    void aHugeHeaderIsNotRepeatedInTheMessage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalToken.parse("x".repeat(100_000)))
                .withMessageEndingWith("\"" + "x".repeat(60) + "…\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalToken.parse("x".repeat(60)))
                .withMessageEndingWith("\"" + "x".repeat(60) + "\"");
    }

    @Test
    @SuppressWarnings("NullAway")
    void nullIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CausalToken.parse(null))
                .withMessage("CausalToken must not be null");
        assertThatIllegalArgumentException().isThrownBy(() -> TOKEN.merge(null)).withMessage("other must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadConsistency.atLeast(null))
                .withMessage("ReadConsistency.token must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CausalToken(1, 0, 1))
                .withMessage("CausalToken.timeline must be at least 1 but is 0");
    }

    @Test
    void theLaterOfTwoIsKept() {
        CausalToken early = new CausalToken(1, 1, 10);
        CausalToken late = new CausalToken(1, 1, 11);
        assertThat(early.merge(late)).isEqualTo(late);
        assertThat(late.merge(early)).isEqualTo(late);
        assertThat(late.merge(late)).isEqualTo(late);
        CausalToken beyondTheSign = new CausalToken(1, 1, Long.MIN_VALUE);
        assertThat(late.merge(beyondTheSign)).isEqualTo(beyondTheSign);
        CausalToken afterAFailover = new CausalToken(1, 2, 5);
        assertThat(late.merge(afterAFailover)).isEqualTo(afterAFailover);
        assertThat(afterAFailover.merge(late)).isEqualTo(afterAFailover);
    }

    @Test
    void tokensOfTwoDatabasesAreNotMixed() {
        CausalToken other = new CausalToken(2, 1, 10);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TOKEN.merge(other))
                .withMessageContaining("different databases")
                .withMessageContaining(TOKEN.toString())
                .withMessageContaining(other.toString());
    }
}
