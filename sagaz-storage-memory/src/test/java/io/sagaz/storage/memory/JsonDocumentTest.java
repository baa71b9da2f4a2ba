package io.sagaz.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code SELECT text::jsonb::text} says. */
class JsonDocumentTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{} | {}",
                "[ ] | []",
                "{\"bb\":1,\"a\":[1,{\"x\":null}],\"c\":2} | {\"a\": [1, {\"x\": null}], \"c\": 2, \"bb\": 1}",
                "{\"a\":1,\"b\":2,\"a\":3} | {\"a\": 3, \"b\": 2}",
                "{\"\\u00e4\":1,\"zz\":2,\"y\":3} | {\"y\": 3, \"zz\": 2, \"ä\": 1}",
                "[1e3,1E-3,-0,-0.0,1.0e2,100,0e9] | [1000, 0.001, 0, 0.0, 100, 100, 0]",
                "\"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\\\/\" | \"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\"",
                "\"\\ud83d\\ude00\" | \"😀\""
            })
    void aDocumentIsWrittenAsJsonbIs(String given, String kept) {
        assertThat(JsonDocument.normalized("what", given)).isEqualTo(kept);
    }

    @Test
    void errorsNameTheArgumentAndThePlace() {
        refused("", "what must be JSON but is empty");
        refused("{\"a\": }", "what must be JSON: a value is expected at index 6");
        refused("{\"a\" 1}", "what must be JSON: \":\" is expected at index 5");
        refused("[1 2]", "what must be JSON: \",\" is expected at index 3");
        refused("1 2", "what must be JSON: one value is expected at index 2");
        refused("\"a", "what must be JSON: a quotation mark is expected at index 2");
        refused("\"\\u0000\"", "what must not contain U+0000, which jsonb cannot hold");
        refused("\"\\ud83d\"", "what must not contain half of a surrogate pair, which jsonb cannot hold");
        refused("1e200000", "what has a number outside the range of numeric: 1e200000");
        refused("1e-20000", "what has a number outside the range of numeric: 1e-20000");
        refused("[".repeat(1_001), "what must be JSON of at most 1000 levels");
    }

    private static void refused(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonDocument.normalized("what", text))
                .withMessage(message);
    }
}
