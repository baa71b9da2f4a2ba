package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents are kept as PostgreSQL keeps {@code jsonb}. */
abstract class DocumentPromises extends Promises {
    DocumentPromises(SagaStoreContract contract) {
        super(contract);
    }

    @ParameterizedTest
    @DisplayName("has its keys sorted, the last of equal keys, and numbers written out")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"b\": 1, \"a\": {\"d\": [], \"c\": {}}} | {\"a\":{\"c\":{},\"d\":[]},\"b\":1}",
                "{\"a\": 1, \"a\": 2} | {\"a\":2}",
                "[1e3, 1.50, -0.25, 0, 12345678901234567890.5, 1E-2] | [1000,1.50,-0.25,0,12345678901234567890.5,0.01]",
                "null | null",
                "\" a  b \" | \" a  b \"",
                "[ true , false , null ] | [true,false,null]",
                "\"\\u0041\\/\\n\" | \"A/\\n\""
            })
    void aDocumentIsKeptAsJsonb(String given, String kept) {
        SagaId id = writes().start(NewSaga.named(newName()).context(given)).id();
        assertThat(compact(find(id).context())).isEqualTo(kept);
    }

    @Test
    @DisplayName("has every character of the one that was given")
    void everyCharacterComesBack() {
        String text = "\"na\u00efve \u03a9\u03bc\u03ad\u03b3\u03b1 \u6ce8\u6587 \ud83e\uddfe \\\" \\\\ \\t \\u001f\"";
        SagaId id = writes().start(NewSaga.named(newName())
                        .steps("a")
                        .context(text)
                        .emit(OutboxEvent.to(newName()).json(text)))
                .id();
        writes().apply(id, 1, SagaChange.to(SagaStatus.RUNNING));
        writes().apply(
                        id,
                        2,
                        SagaChange.stepSucceeded("a", text)
                                .result(text)
                                .audit(AuditEntry.of("NOTE").json(text)));
        Saga saga = find(id);
        assertThat(saga.context()).isEqualTo(text);
        assertThat(saga.result()).contains(text);
        assertThat(saga.steps().get(0).output()).contains(text);
        assertThat(events(id).get(0).payload()).isEqualTo(new EventPayload.Json(text));
        assertThat(trail(id).get(3).data()).isEqualTo(text);
    }

    @ParameterizedTest
    @DisplayName("is nothing if it is no JSON, or JSON that jsonb cannot hold")
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{\"a\":}",
                "{a: 1}",
                "'a'",
                "01",
                "1.",
                "+1",
                "nul",
                "\"a",
                "1 2",
                "{} {}",
                "\"\\x\"",
                "\"\\u00g0\"",
                "\"\\u0000\"",
                "\"\\ud83d\"",
                "\"a\nb\"",
                "NaN",
                "// 1"
            })
    void whatIsNoDocumentIsRefused(String text) {
        NewSaga saga = NewSaga.named(newName()).context(text);
        refuses(() -> writes().start(saga));
        assertThat(reads().find(saga.id()).value()).isEmpty();

        SagaId id = started("a");
        refuses(() -> writes().apply(id, 1, SagaChange.stepSucceeded("a", text)));
        refuses(() -> writes().apply(id, 1, SagaChange.to(SagaStatus.RUNNING).result(text)));
        refuses(() -> writes().apply(
                        id,
                        1,
                        SagaChange.to(SagaStatus.RUNNING)
                                .emit(OutboxEvent.to("t").json(text))));
        refuses(() ->
                writes().apply(id, 1, SagaChange.note(AuditEntry.of("NOTE").json(text))));
        refuses(() -> writes().annotate(id, AuditEntry.of("NOTE").json(text)));
        assertThat(find(id).version()).isEqualTo(1);
        assertThat(events(id)).isEmpty();
        assertThat(trail(id)).hasSize(1);
    }

    @Test
    @DisplayName("that is bytes is every byte and the media type; headers are every name and value")
    void bytesAndHeadersComeBack() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        OutboxEvent all = OutboxEvent.to(newName())
                .bytes(bytes, "text/plain; charset=\"\u00fc\"")
                .header("empty", "")
                .header("\u00e4 \ud83d\ude00", "a\"b\\");
        OutboxEvent none = OutboxEvent.to(newName()).bytes(new byte[0], "x/y");
        SagaId id =
                writes().start(NewSaga.named(newName()).emit(all).emit(none)).id();
        assertThat(events(id).get(0).payload()).isEqualTo(all.payload());
        assertThat(events(id).get(0).headers()).isEqualTo(Map.of("empty", "", "\u00e4 \ud83d\ude00", "a\"b\\"));
        assertThat(events(id).get(1).payload()).isEqualTo(none.payload());
    }
}
