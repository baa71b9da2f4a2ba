package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final OptionalLong WELL_WITHIN = OptionalLong.of(2_400_000_000L);
    private static final OptionalLong AT_THE_EDGE = OptionalLong.of(4_900_000_000L);
    private static final OptionalLong AT_THE_BOUND = OptionalLong.of(5_000_000_000L);
    private static final OptionalLong HALF_WAY = OptionalLong.of(2_500_000_000L);
    private static final OptionalLong BEHIND = OptionalLong.of(5_000_000_001L);

    private final Placement placement = new Placement();

    @Test
    void whoFallsBehindRests() {
        placement.observed(AT_THE_EDGE);
        placement.observed(AT_THE_BOUND);
        assertThat(placement.isResting()).isFalse();
        placement.observed(BEHIND);
        assertThat(placement.isResting()).isTrue();
    }

    @Test
    void whoOfNothingIsKnownRests() {
        placement.observed(OptionalLong.empty());
        assertThat(placement.isResting()).isTrue();
    }

    @Test
    void threeGoodAnswersEndTheRest() {
        placement.observed(BEHIND);
        placement.observed(WELL_WITHIN);
        placement.observed(WELL_WITHIN);
        assertThat(placement.isResting()).isTrue();
        placement.observed(WELL_WITHIN);
        assertThat(placement.isResting()).isFalse();
    }

    @Test
    void fallingBehindAgainBeginsItAnew() {
        placement.observed(BEHIND);
        placement.observed(WELL_WITHIN);
        placement.observed(WELL_WITHIN);
        placement.observed(BEHIND);
        placement.observed(WELL_WITHIN);
        assertThat(placement.isResting()).isTrue();
    }

    @Test
    void answersAtTheEdgeNeitherEndItNorBeginIt() {
        placement.observed(BEHIND);
        for (int i = 0; i < 10; i++) {
            placement.observed(AT_THE_EDGE);
            placement.observed(HALF_WAY);
        }
        assertThat(placement.isResting()).isTrue();
    }
}
