package io.sagaz.storage.postgres;

import static io.sagaz.storage.SagaStatus.FAILED;
import static io.sagaz.storage.SagaStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepChange;
import io.sagaz.storage.StepStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers give the store to keep: documents, bytes, headers, entries of the audit log; and how large it may be. */
class PayloadsIT {
    private final String schema = Stand.newSchema();
    private RoutingSagaStore store;

    @BeforeEach
    void open() {
        store = Stand.builder(schema).build();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void entriesStandBesideTheOneThatTellsOfTheChange() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")
                        .steps("pay")
                        .audit(AuditEntry.of("FIRST"))
                        .audit(AuditEntry.of("SECOND")
                                .step("pay")
                                .actor("alice")
                                .json("{\"n\": [1, null]}")))
                .id();
        store.apply(id, 1, SagaChange.to(RUNNING).audit(AuditEntry.of("THIRD").json("null")));
        store.apply(id, 2, SagaChange.note(AuditEntry.of("FOURTH").json("\"text\"")));
        store.apply(id, 2, SagaChange.note(AuditEntry.of("REFUSED")));
        assertThat(store.annotate(id, AuditEntry.of("FIFTH").actor("bob"))).isTrue();
        store.apply(id, 3, SagaChange.to(FAILED));
        assertThat(store.annotate(id, AuditEntry.of("SIXTH").step("pay")))
                .as("of a saga that is finished")
                .isTrue();
        assertThat(store.annotate(SagaId.next(), AuditEntry.of("NEVER")))
                .as("of a saga that is not there")
                .isFalse();

        assertThat(Stand.texts("SELECT concat_ws(' ', saga_version, event_type, coalesce(step_name, '-'),"
                        + " coalesce(actor, '-'), CASE WHEN event_type NOT LIKE 'SAGA_%' THEN event_data END) FROM "
                        + schema + ".saga_audit_log WHERE saga_id = '" + id + "' ORDER BY entry_id"))
                .containsExactly(
                        "1 SAGA_STARTED - -",
                        "1 FIRST - - {}",
                        "1 SECOND pay alice {\"n\": [1, null]}",
                        "2 SAGA_CHANGED - -",
                        "2 THIRD - - null",
                        "3 SAGA_CHANGED - -",
                        "3 FOURTH - - \"text\"",
                        "3 FIFTH - bob {}",
                        "4 SAGA_CHANGED - -",
                        "4 SIXTH pay - {}");
        assertThat(count("saga_audit_log")).isEqualTo(10);
        assertThat(find(id).version()).as("annotating changes no saga").isEqualTo(4);
    }

    @Test
    void anEntryGoesWithItsTransaction() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")).id();
        try {
            store.inTransaction(tx -> {
                assertThat(tx.annotate(id, AuditEntry.of("NOTE"))).isTrue();
                throw new IllegalStateException("rolled back");
            });
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("rolled back");
        }
        assertThat(count("saga_audit_log")).isEqualTo(1);
        assertThat(store.<Boolean, RuntimeException>inTransaction(tx -> tx.annotate(id, AuditEntry.of("NOTE"))))
                .isTrue();
        assertThat(count("saga_audit_log")).isEqualTo(2);
    }

    @Test
    void bytesAreKeptAsTheyAre() throws SQLException {
        long seed = new Random().nextLong();
        System.out.println("Seed " + seed);
        Random random = new Random(seed);
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] many = new byte[100_003];
        random.nextBytes(many);
        for (byte[] bytes : List.of(new byte[0], new byte[] {0}, new byte[] {-1, 0, 10, 92}, all, many)) {
            OutboxEvent alone = OutboxEvent.to("bytes").bytes(bytes, "application/x-protobuf");
            OutboxEvent ofStart = OutboxEvent.to("bytes").bytes(bytes, "application/avro");
            OutboxEvent ofChange = OutboxEvent.to("bytes").bytes(bytes, "text/plain; charset=\"ü\"");
            store.emit(List.of(alone));
            SagaId id = store.start(NewSaga.named("order").emit(ofStart)).id();
            store.apply(id, 1, SagaChange.to(RUNNING).emit(ofChange));

            for (OutboxEvent event : List.of(alone, ofStart, ofChange)) {
                try (Connection owner = Stand.asOwner();
                        PreparedStatement statement =
                                owner.prepareStatement("SELECT payload_bytes, content_type, payload" + " FROM " + schema
                                        + ".saga_outbox WHERE event_id = ?")) {
                    statement.setObject(1, event.id());
                    try (ResultSet row = statement.executeQuery()) {
                        assertThat(row.next()).isTrue();
                        assertThat(row.getBytes(1)).as("seed %s", seed).isEqualTo(bytes);
                        assertThat(row.getString(2)).isEqualTo(event.payload().contentType());
                        assertThat(row.getObject(3)).isNull();
                    }
                }
            }
        }
    }

    @Test
    void theNullOfJsonIsAValue() throws SQLException {
        SagaId id = store.start(NewSaga.named("order")
                        .steps("a")
                        .context("null")
                        .emit(OutboxEvent.to("null").json("null")))
                .id();
        store.emit(List.of(OutboxEvent.to("null").json(" null ")));
        store.apply(id, 1, SagaChange.to(RUNNING).andStep("a", StepStatus.RUNNING));
        store.apply(id, 2, SagaChange.stepSucceeded("a", "null"));
        store.apply(
                id, 3, SagaChange.succeeded("null").audit(AuditEntry.of("NOTE").json("null")));

        Saga saga = find(id);
        assertThat(saga.context()).isEqualTo("null");
        assertThat(saga.result()).contains("null");
        assertThat(saga.steps().get(0).output()).contains("null");
        assertThat(Stand.texts("SELECT jsonb_typeof(payload) FROM " + schema + ".saga_outbox"))
                .containsExactly("null", "null");
        assertThat(Stand.texts(
                        "SELECT jsonb_typeof(event_data) FROM " + schema + ".saga_audit_log WHERE event_type = 'NOTE'"))
                .containsExactly("null");
    }

    @Test
    void documentsComeBackWithEveryCharacterAndDigit() {
        String document = "{\"\": [true, -0.10, 12345678901234567890.5, \"\\\"\\\\/\\t\u00e4\ud83d\ude00\"]}";
        SagaId id = store.start(NewSaga.named("order").context(document)).id();
        assertThat(find(id).context())
                .isEqualTo("{\"\": [true, -0.10, 12345678901234567890.5, \"\\\"\\\\/\\t\u00e4\ud83d\ude00\"]}");
    }

    @Test
    void headersAreKeptWithTheEvent() throws SQLException {
        store.emit(List.of(
                OutboxEvent.to("headers")
                        .header("trace", "old")
                        .header("trace", "00-ab\"c\\")
                        .header("empty", "")
                        .header("\u00e4 \ud83d\ude00", "null"),
                OutboxEvent.to("headers")));
        assertThat(Stand.texts("SELECT headers FROM " + schema + ".saga_outbox ORDER BY seq"))
                .containsExactly(
                        "{\"empty\": \"\", \"trace\": \"00-ab\\\"c\\\\\", \"\u00e4 \ud83d\ude00\": \"null\"}", "{}");
    }

    @Test
    void aDocumentBeyondItsLimitIsRefusedWhereverItStands() throws SQLException {
        int limit = 1_000;
        try (RoutingSagaStore small = limited(SizeLimits.DEFAULT.withDocumentBytes(limit))) {
            // Each character takes two bytes, and the quotes one each.
            String fits = "\"" + "\u00e4".repeat(limit / 2 - 1) + "\"";
            String larger = "\"" + "\u00e4".repeat(limit / 2 - 1) + "x\"";
            String text = "\ud83d\ude00".repeat(limit / 4) + "x";
            SagaId id = small.start(NewSaga.named("order")
                            .steps("a")
                            .context(fits)
                            .audit(AuditEntry.of("NOTE").json(fits))
                            .emit(OutboxEvent.to("t").json(fits))
                            .emit(OutboxEvent.to("t").bytes(new byte[limit], "x/y")))
                    .id();
            assertThat(small.apply(
                            id,
                            1,
                            SagaChange.to(RUNNING)
                                    .result(fits)
                                    .error(text.substring(0, text.length() - 1))
                                    .andStep(new StepChange(
                                            "a",
                                            StepStatus.FAILED,
                                            Optional.of(fits),
                                            Optional.of(text.substring(0, text.length() - 1))))))
                    .isEqualTo(new ChangeResult.Applied(2, RUNNING));
            String before = everything();

            refused("NewSaga.context", () -> small.start(NewSaga.named("order").context(larger)));
            refused(
                    "NewSaga.context",
                    () -> small.startAll(List.of(
                            NewSaga.named("order"), NewSaga.named("order").context(larger))));
            refused(
                    "OutboxEvent.payload for topic \"t\"",
                    () -> small.start(
                            NewSaga.named("order").emit(OutboxEvent.to("t").json(larger))));
            refused(
                    "OutboxEvent.payload for topic \"t\"",
                    () -> small.emit(
                            List.of(OutboxEvent.to("t"), OutboxEvent.to("t").bytes(new byte[limit + 1], "x/y"))));
            refused(
                    "AuditEntry.data of \"NOTE\"",
                    () -> small.start(
                            NewSaga.named("order").audit(AuditEntry.of("NOTE").json(larger))));
            refused(
                    "AuditEntry.data of \"NOTE\"",
                    () -> small.annotate(id, AuditEntry.of("NOTE").json(larger)));
            refused(
                    "SagaChange.result",
                    () -> small.apply(id, 2, SagaChange.to(FAILED).result(larger)));
            refused("SagaChange.error", () -> small.apply(id, 2, SagaChange.failed(text)));
            refused(
                    "StepChange.output of \"a\"",
                    () -> small.applyAll(List.of(new SagaUpdate(id, 2, SagaChange.stepSucceeded("a", larger)))));
            refused(
                    "StepChange.error of \"a\"",
                    () -> small.inTransaction(tx -> tx.apply(id, 2, SagaChange.stepFailed("a", text))));

            assertThat(everything()).isEqualTo(before);
        }
    }

    private static void refused(String what, Runnable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call::run)
                .withMessageContaining(what + " must have at most 1000 bytes (SizeLimits.documentBytes) but has 1001");
    }

    @Test
    void moreElementsThanTheLimitAreRefused() throws SQLException {
        try (RoutingSagaStore small = limited(SizeLimits.DEFAULT.withElements(4))) {
            List<NewSaga> sagas =
                    Stream.generate(() -> NewSaga.named("order")).limit(4).toList();
            assertThat(small.startAll(sagas)).hasOnlyElementsOfType(StartResult.Started.class);
            SagaId id = small.start(NewSaga.named("order")
                            .steps("a", "b")
                            .audit(AuditEntry.of("NOTE"))
                            .emit(OutboxEvent.to("t")))
                    .id();
            String before = everything();

            for (Runnable call : List.<Runnable>of(
                    () -> small.startAll(Collections.nCopies(5, NewSaga.named("order"))),
                    () -> small.startAll(List.of(
                            NewSaga.named("order").steps("a", "b"),
                            NewSaga.named("order").steps("a"))),
                    () -> small.start(NewSaga.named("order")
                            .steps("a", "b", "c")
                            .audit(AuditEntry.of("NOTE"))
                            .emit(OutboxEvent.to("t"))),
                    () -> small.apply(
                            id,
                            1,
                            SagaChange.stepStarted("a")
                                    .andStep("b", StepStatus.RUNNING)
                                    .andStep("c", StepStatus.RUNNING)
                                    .emit(OutboxEvent.to("t"))
                                    .audit(AuditEntry.of("NOTE"))),
                    () -> small.applyAll(List.of(
                            new SagaUpdate(id, 1, SagaChange.to(RUNNING)),
                            new SagaUpdate(
                                    sagas.get(0).id(),
                                    1,
                                    SagaChange.to(RUNNING)
                                            .emit(OutboxEvent.to("t"))
                                            .emit(OutboxEvent.to("t"))
                                            .emit(OutboxEvent.to("t"))))),
                    () -> small.emit(
                            Stream.generate(() -> OutboxEvent.to("t")).limit(5).toList()))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(call::run)
                        .withMessageContaining("at most 4 ")
                        .withMessageContaining("SizeLimits.elements")
                        .withMessageContaining("at least 5")
                        .withMessageContaining("several calls");
            }
            assertThat(everything()).isEqualTo(before);
        }
    }

    @Test
    void aCallBeyondItsLimitIsRefused() throws SQLException {
        int limit = 10_000;
        try (RoutingSagaStore small = limited(SizeLimits.DEFAULT.withCallBytes(limit))) {
            String half = "\"" + "\u00e4".repeat(limit / 4) + "\"";
            SagaId id = small.start(NewSaga.named("order").context(half)).id();
            String before = everything();

            for (Runnable call : List.<Runnable>of(
                    () -> small.start(NewSaga.named("order")
                            .context(half)
                            .emit(OutboxEvent.to("t").json(half))),
                    () -> small.startAll(List.of(
                            NewSaga.named("order").context(half),
                            NewSaga.named("order").context(half))),
                    () -> small.apply(
                            id,
                            1,
                            SagaChange.to(RUNNING)
                                    .result(half)
                                    .emit(OutboxEvent.to("t").json(half))),
                    () -> small.emit(List.of(
                            OutboxEvent.to("t").json(half), OutboxEvent.to("t").json(half))),
                    () -> small.emit(List.of(OutboxEvent.to("t").header("large", "x".repeat(limit)))))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(call::run)
                        .withMessageMatching("One call must have at most 10000 bytes \\(SizeLimits.callBytes\\) but has"
                                + " 1\\d{4}: make several calls of it");
            }
            assertThat(everything()).isEqualTo(before);
        }
    }

    private RoutingSagaStore limited(SizeLimits limits) {
        return Stand.builder(schema).sizeLimits(limits).build();
    }

    /** How many rows there are, and in which version the sagas are. */
    private String everything() throws SQLException {
        return Stand.texts("SELECT concat_ws(', ', (SELECT count(*) || ' sagas ' || sum(version) FROM " + schema
                        + ".saga_executions), (SELECT count(*) || ' steps' FROM " + schema + ".saga_steps),"
                        + " (SELECT count(*) || ' entries' FROM " + schema + ".saga_audit_log),"
                        + " (SELECT count(*) || ' events' FROM " + schema + ".saga_outbox))")
                .get(0);
    }

    private Saga find(SagaId id) {
        return store.reads(ReadConsistency.strong()).find(id).value().orElseThrow();
    }

    private long count(String table) throws SQLException {
        return Stand.count("SELECT count(*) FROM " + schema + "." + table);
    }
}
