package io.sagaz.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.bench.measure.Rounds;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTest {
    @Test
    void theRatioOfMediansIsThatOfTheRounds() {
        Result base = Result.median("base", Unit.MILLIS, new Rounds(List.of(1.0, 100.0, 10.0)));
        Result result = Result.median("result", Unit.MILLIS, new Rounds(List.of(2.0, 300.0, 20.0)))
                .against(base);

        assertThat(result.ratios()).containsExactly(new Ratio("base", 2, 2, 3));
    }

    @Test
    void theWorstRoundIsComparedWithTheWorst() {
        Result base = Result.max("base", Unit.MILLIS, new Rounds(List.of(1.0, 10.0)));
        Result result = Result.max("result", Unit.MILLIS, new Rounds(List.of(40.0, 20.0)))
                .against(base);

        assertThat(result.value()).isEqualTo(40);
        assertThat(result.ratios()).containsExactly(new Ratio("base", 4, 2, 40));
    }

    @Test
    void aTargetLooksAtWhatWasCompared() {
        assertThat(Reports.sample().sections().get(0).results().get(0).target())
                .contains(new Target("at most half of slow", true));
        assertThat(Reports.sample().sections().get(1).results().get(0).target())
                .contains(new Target("at most 100 ms", false));
    }
}
