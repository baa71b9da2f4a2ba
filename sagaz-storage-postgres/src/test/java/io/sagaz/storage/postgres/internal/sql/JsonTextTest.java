package io.sagaz.storage.postgres.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "true",
                "0",
                "-1.5e10",
                "\"\"",
                " {\"a\": [1, {\"b\": null}]} ",
                "\"\\ud83d\\ude00\"",
                "\"😀\"",
                "{\"a\":1,\"a\":2}",
                "1e131000",
                "1e-16000"
            })
    void takesWhatJsonbTakes(String json) {
        assertThat(JsonText.check("x", json)).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "{]",
                "[1,]",
                "{\"a\"}",
                "{a:1}",
                "'a'",
                "01",
                "NaN",
                "Infinity",
                "tru",
                "{} {}",
                "1 2",
                "// c\n1",
                "\"\n\"",
                "\"\\u0000\"",
                "\"\\ud83d\"",
                "{\"\\u0000\":1}",
                "1e140000",
                "1e-17000",
                "nul",
                "\u0000",
                "[1e200000]",
                "1e99999999999",
            })
    void refusesWhatJsonbRefuses(String json) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonText.check("NewSaga.context", json))
                .withMessageStartingWith("NewSaga.context ");
    }

    @Test
    void refusesAPairOfWhichOneHalfIsEscaped() {
        String escapedHigh = "\"\\" + "ud83d" + '\ude00' + "\"";
        String escapedLow = "\"" + '\ud83d' + "\\" + "ude00\"";
        for (String json : List.of(escapedHigh, escapedLow)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> JsonText.check("x", json))
                    .withMessageContaining("half of a surrogate pair");
        }
    }
}
