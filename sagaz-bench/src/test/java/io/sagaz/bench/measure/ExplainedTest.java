package io.sagaz.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ExplainedTest {
    @Test
    void onlyTheTopNodeIsCounted() {
        String document = """
                [{"Plan": {"Node Type": "Aggregate", "Shared Hit Blocks": 5, "Shared Read Blocks": 2,
                           "Plans": [{"Node Type": "Seq Scan", "Shared Hit Blocks": 4, "Shared Read Blocks": 2}]},
                  "Planning": {"Shared Hit Blocks": 100, "Shared Read Blocks": 100},
                  "Planning Time": 0.25, "Triggers": [], "Execution Time": 1.5}]
                """;

        assertThat(Explained.parse(document)).isEqualTo(new Explained(0.25, 7));
    }

    @Test
    void withoutBuffersThereAreNone() {
        assertThat(Explained.parse("[{\"Plan\": {\"Node Type\": \"Result\"}, \"Planning Time\": 1}]"))
                .isEqualTo(new Explained(1, 0));
    }

    @Test
    void anythingElseIsRefused() {
        assertThatThrownBy(() -> Explained.parse("{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Explained.parse("[{\"Plan\": {}}]")).isInstanceOf(IllegalArgumentException.class);
    }
}
