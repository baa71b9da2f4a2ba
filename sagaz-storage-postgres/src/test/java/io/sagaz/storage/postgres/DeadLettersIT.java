package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.EventPayload;
import io.sagaz.storage.FailedEventFilter;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxAdmin;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.RelayRemoval;
import io.sagaz.storage.RelayStatus;
import io.sagaz.storage.ResendResult;
import io.sagaz.storage.Resent;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators do about relays and about events that could not be published, from Java and from SQL. */
class DeadLettersIT {
    private static final String PAGE = "docs/outbox/dead-letters.md";
    private static final Pattern BLOCK =
            Pattern.compile("^```sql name=(\\S+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private String schema = "";
    private RoutingSagaStore store;
    private OutboxAdmin admin;

    @BeforeEach
    void open() {
        schema = Stand.newSchema();
        store = Stand.builder(schema)
                .partitions(PartitionPolicy.leftToOthers())
                .writeTimeout(Duration.ofSeconds(60))
                .build();
        admin = store.outboxAdmin();
        sql("INSERT INTO %s.saga_outbox_relays (relay_name) VALUES ('kafka'), ('other')");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aDeadLetterThatIsSentAgainIsParkedUnderItsKey() {
        SagaId saga = store.start(NewSaga.named("s").emit(OutboxEvent.to("of a saga")))
                .id();
        store.emit(List.of(OutboxEvent.to("with a key").key("k"), OutboxEvent.to("alone")));
        sql("INSERT INTO %s.saga_outbox (topic, payload, saga_id) VALUES ('by SQL', '{}', '" + saga + "')");
        sql("INSERT INTO %s.saga_outbox (topic, payload) VALUES ('by SQL alone', '{}')");
        killAll("kafka", "refused");
        for (String topic : List.of("of a saga", "with a key", "alone", "by SQL", "by SQL alone")) {
            UUID id = idOf(topic);
            assertThat(admin.resend("kafka", id)).as(topic).isEqualTo(ResendResult.RESENT);
            assertThat(admin.resend("kafka", id)).as(topic).isEqualTo(ResendResult.NO_DEAD_LETTER);
        }
        assertThat(texts("SELECT o.topic || '|' || replace(replace(p.ordering_key, '" + saga
                        + "', 'saga'), o.event_id::text, 'event') || '|' || p.attempts || '|' || p.last_error"
                        + " FROM %s.saga_outbox_parked p JOIN %s.saga_outbox o USING (event_id, created_at, seq, shard)"
                        + " WHERE p.relay_name = 'kafka' AND p.next_attempt_at <= now() ORDER BY p.seq"))
                .containsExactly(
                        "of a saga|saga|0|refused",
                        "with a key|k|0|refused",
                        "alone|event|0|refused",
                        "by SQL|saga|0|refused",
                        "by SQL alone|event|0|refused");
        assertThat(count("saga_outbox_dead_letters")).isZero();
    }

    @Test
    void aDeadLetterWhoseEventIsGoneCannotBeSentAgainAndSaysSo() {
        UUID gone = letterOfAnEventThatIsGone();
        assertThat(admin.event(gone)).isEmpty();

        assertThat(admin.resend("kafka", gone)).isEqualTo(ResendResult.EVENT_GONE);
        assertThat(admin.resendAll("kafka")).isEqualTo(new Resent(0, 1));
        assertThatThrownBy(() -> asWriter("SELECT resend_dead_letter('kafka', '" + gone + "')"))
                .hasRootCauseInstanceOf(SQLException.class)
                .rootCause()
                .hasMessageContaining("event " + gone)
                .hasMessageContaining("cannot be sent again: it is not in saga_outbox any more")
                .hasMessageContaining("discard_dead_letter");
        assertThat(asWriter("SELECT resent, events_gone FROM resend_dead_letters('kafka')"))
                .containsExactly("0|1");
        assertThat(count("saga_outbox_dead_letters")).isEqualTo(1);

        assertThat(admin.discard("kafka", gone)).isTrue();
        assertThat(admin.discard("kafka", gone)).isFalse();
        assertThat(count("saga_outbox_dead_letters")).isZero();
    }

    private UUID letterOfAnEventThatIsGone() {
        return UUID.fromString(
                texts("INSERT INTO %s.saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard,"
                                + " attempts) SELECT 'kafka', %s.sagaz_uuid7(t), t, 9, 1, 1"
                                + " FROM (SELECT date_trunc('milliseconds', now()) AS t) x RETURNING event_id")
                        .get(0));
    }

    @Test
    void filtersChooseAndEachIsTheSameInSql() {
        Instant noon = Instant.parse("2026-01-05T12:00:00Z");
        record Case(FailedEventFilter filter, String arguments, long expected) {}
        List<Case> cases = List.of(
                new Case(FailedEventFilter.all(), "", 24),
                new Case(FailedEventFilter.all().topic("orders"), "topic => 'orders'", 12),
                new Case(FailedEventFilter.all().type("Placed"), "event_type => 'Placed'", 8),
                new Case(
                        FailedEventFilter.all().topic("orders").type("Placed"),
                        "topic => 'orders', event_type => 'Placed'",
                        4),
                new Case(FailedEventFilter.all().errorContains("time%t"), "error_contains => 'time%%t'", 0),
                new Case(FailedEventFilter.all().errorContains("timeout"), "error_contains => 'timeout'", 6),
                new Case(
                        FailedEventFilter.all().failedFrom(noon).failedBefore(noon.plusSeconds(3)),
                        "died_from => '" + noon + "', died_before => '" + noon.plusSeconds(3) + "'",
                        3),
                new Case(FailedEventFilter.all().topic("none"), "topic => 'none'", 0));
        for (Case each : cases) {
            String wanted = each.filter() + ": ";
            String arguments = each.arguments().replace("%%", "%");
            fillWithFilterable(noon);
            assertThat(asWriter("SELECT resent FROM resend_dead_letters('kafka'"
                            + (arguments.isEmpty() ? "" : ", " + arguments) + ")"))
                    .as(wanted)
                    .containsExactly(Long.toString(each.expected()));
            fillWithFilterable(noon);
            assertThat(admin.resend("kafka", each.filter(), 100)).as(wanted).isEqualTo(new Resent(each.expected(), 0));
            assertThat(count("saga_outbox_parked")).as(wanted).isEqualTo(each.expected());
            assertThat(count("saga_outbox_dead_letters")).as(wanted).isEqualTo(24 - each.expected());
            sql(
                    "UPDATE %s.saga_outbox_parked SET next_attempt_at = now() + interval '1 hour', parked_at = '2026-01-05Z'");
            FailedEventFilter parked = each.filter().failedFrom(Instant.EPOCH).failedBefore(noon);
            assertThat(admin.retryNow("kafka", parked, 100)).as(wanted).isEqualTo(each.expected());
            assertThat(count("saga_outbox_parked WHERE next_attempt_at <= now()"))
                    .as(wanted)
                    .isEqualTo(each.expected());
            fillWithFilterable(noon);
            assertThat(admin.discard("kafka", each.filter(), 100)).as(wanted).isEqualTo(each.expected());
            assertThat(count("saga_outbox_dead_letters")).as(wanted).isEqualTo(24 - each.expected());
        }
    }

    /** Of two topics and three types; one of four with an error of its own; each a second after the one before. */
    private void fillWithFilterable(Instant from) {
        sql("DELETE FROM %s.saga_outbox_dead_letters");
        sql("DELETE FROM %s.saga_outbox_parked");
        if (count("saga_outbox") == 0) {
            sql(
                    "INSERT INTO %s.saga_outbox (topic, event_type, payload) SELECT CASE n %% 2 WHEN 0 THEN 'orders' ELSE 'x' END,"
                            + " (ARRAY['Placed', 'Paid'])[1 + n %% 3], '{}' FROM generate_series(0, 23) n");
        }
        sql("INSERT INTO %s.saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts, died_at,"
                + " last_error) SELECT 'kafka', event_id, created_at, seq, shard, 3, '" + from
                + "'::timestamptz + (seq - 1) * interval '1 second', CASE seq %% 4 WHEN 0 THEN 'a timeout' WHEN 1 THEN NULL"
                + " ELSE 'no' END FROM %s.saga_outbox");
    }

    @Test
    void batchesGoInTheOrderOfTheEventsAndEachLetterOnce() {
        sql("INSERT INTO %s.saga_outbox (topic, partition_key, payload)"
                + " SELECT 't', 'key ' || n %% 7, '{}' FROM generate_series(1, 2500) n");
        killAll("kafka", "no");
        assertThat(admin.resend("kafka", FailedEventFilter.all(), 1_200)).isEqualTo(new Resent(1_200, 0));
        assertThat(texts("SELECT (SELECT max(seq) FROM %s.saga_outbox_parked) < (SELECT min(seq) FROM"
                        + " %s.saga_outbox_dead_letters)"))
                .as("what is sent again comes before what is not")
                .containsExactly("t");
        assertThat(admin.resendAll("kafka")).isEqualTo(new Resent(1_300, 0));
        assertThat(admin.resendAll("kafka")).isEqualTo(new Resent(0, 0));
        assertThat(count("saga_outbox_parked")).isEqualTo(2_500);

        sql("DELETE FROM %s.saga_outbox_parked");
        killAll("kafka", "no");
        assertThat(admin.discard("kafka", FailedEventFilter.all(), 1_200)).isEqualTo(1_200);
        assertThat(count("saga_outbox_dead_letters")).isEqualTo(1_300);
        assertThat(admin.discardAll("kafka")).isEqualTo(1_300);
        assertThat(admin.discardAll("kafka")).isZero();
    }

    @Test
    void whatIsTriedNowIsTriedWithWhatItWaitsBehind() {
        sql("INSERT INTO %s.saga_outbox (topic, partition_key, event_type, payload)"
                + " SELECT 't', 'key ' || n %% 2, 'type ' || n, '{}' FROM generate_series(1, 6) n");
        sql(
                "INSERT INTO %s.saga_outbox_parked (relay_name, event_id, created_at, seq, shard, ordering_key, next_attempt_at)"
                        + " SELECT 'kafka', event_id, created_at, seq, shard, partition_key, now() + interval '1 hour'"
                        + " FROM %s.saga_outbox");
        // 1, 3, 5 are of one key, 2, 4, 6 of the other.
        assertThat(admin.retryNow("kafka", idOfType("type 3"))).isTrue();
        assertThat(due()).containsExactly("type 1", "type 3");
        assertThat(admin.retryNow("kafka", FailedEventFilter.all().type("type 4"), 10))
                .isEqualTo(1);
        assertThat(due()).containsExactly("type 1", "type 2", "type 3", "type 4");
        assertThat(admin.retryAllNow("kafka")).isEqualTo(6);
        assertThat(due()).hasSize(6);
        assertThat(admin.retryNow("kafka", UUID.randomUUID())).isFalse();
    }

    private List<String> due() {
        return texts(
                "SELECT o.event_type FROM %s.saga_outbox_parked p JOIN %s.saga_outbox o USING (event_id, created_at)"
                        + " WHERE p.next_attempt_at <= now() ORDER BY p.seq");
    }

    @Test
    void whatARelayIsAtIsNeitherWaitedForNorDisturbed() throws SQLException {
        store.emit(List.of(OutboxEvent.to("a"), OutboxEvent.to("b")));
        sql(
                "INSERT INTO %s.saga_outbox_parked (relay_name, event_id, created_at, seq, shard, ordering_key, next_attempt_at)"
                        + " SELECT 'kafka', event_id, created_at, seq, shard, event_id::text, now() + interval '1 hour'"
                        + " FROM %s.saga_outbox");
        try (Connection relay = Stand.asOwner()) {
            relay.setAutoCommit(false);
            execute(
                    relay,
                    "SELECT FROM " + schema + ".saga_outbox_parked WHERE event_id = '" + idOf("a") + "' FOR UPDATE");
            assertThat(admin.retryAllNow("kafka")).isEqualTo(2);
            assertThat(texts("SELECT o.topic FROM %s.saga_outbox_parked p JOIN %s.saga_outbox o USING (event_id)"
                            + " WHERE p.next_attempt_at <= now()"))
                    .containsExactly("b");
            relay.rollback();
        }
    }

    @Test
    void ofManyOperatorsAtOnceEachLetterIsSentAgainByOne() throws Exception {
        sql("INSERT INTO %s.saga_outbox (topic, partition_key, payload)"
                + " SELECT 't', 'key ' || n %% 7, '{}' FROM generate_series(1, 3000) n");
        killAll("kafka", "no");
        List<Resent> all = Together.run(6, () -> admin.resendAll("kafka"));
        assertThat(all.stream().mapToLong(Resent::resent).sum()).isEqualTo(3_000);
        assertThat(count("saga_outbox_parked")).isEqualTo(3_000);
        assertThat(count("saga_outbox_dead_letters")).isZero();
    }

    /** Otherwise a later event of a key could be committed first, and published before an earlier one. */
    @Test
    void whoSendsAgainWaitsForWhoeverDoesSoForTheSameRelay() throws Exception {
        store.emit(List.of(
                OutboxEvent.to("first").key("k"), OutboxEvent.to("second").key("k")));
        killAll("kafka", "no");
        killAll("other", "no");
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection psql = Stand.topology()
                .connect(Stand.topology().rwUrl(), Stand.topology().app())) {
            psql.setAutoCommit(false);
            execute(psql, "SELECT * FROM " + schema + ".resend_dead_letters('kafka', topic => 'first')");
            assertThat(admin.resendAll("other")).as("another relay").isEqualTo(new Resent(2, 0));
            Future<Resent> second = executor.submit(
                    () -> admin.resend("kafka", FailedEventFilter.all().topic("second"), 1));
            Await.until(
                    "the second operator waits",
                    () -> Stand.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                            == 1);
            assertThat(second).isNotDone();
            psql.commit();
            assertThat(second.get()).isEqualTo(new Resent(1, 0));

            killAll("kafka", "no");
            execute(psql, "SELECT * FROM " + schema + ".resend_dead_letters('kafka', topic => 'first')");
            try (RoutingSagaStore hasty =
                    Stand.builder(schema).writeTimeout(Duration.ofMillis(200)).build()) {
                assertThatThrownBy(() -> hasty.outboxAdmin().resendAll("kafka"))
                        .isInstanceOf(TransientStoreException.class)
                        .hasMessageContaining("55P03")
                        .hasMessageContaining("nothing was written");
            }
            psql.rollback();
        } finally {
            executor.shutdownNow();
        }
    }

    /** As a relay works: it takes due events, publishes or parks or gives them up, each in one transaction. */
    @Test
    void besideARelayAtWorkNothingIsLostAndNothingIsInTwoPlaces() throws Exception {
        int events = 600;
        sql("INSERT INTO %s.saga_outbox (topic, partition_key, payload)"
                + " SELECT 't', 'key ' || n %% 5, '{}' FROM generate_series(1, " + events + ") n");
        sql("CREATE TABLE %s.published (event_id uuid PRIMARY KEY)");
        killAll("kafka", "no");
        AtomicBoolean done = new AtomicBoolean();
        Callable<Long> operator = () -> {
            long sum = 0;
            while (!done.get()) {
                sum += admin.resend("kafka", FailedEventFilter.all(), 50).resent();
                admin.retryAllNow("kafka");
            }
            return sum;
        };
        Callable<Long> relay = () -> {
            try (Connection connection = Stand.asOwner()) {
                long published = 0;
                while (published < events) {
                    published += work(connection);
                    assertThat(
                                    count(
                                            "saga_outbox_parked p JOIN %s.saga_outbox_dead_letters d USING (relay_name, event_id)"))
                            .as("in two places")
                            .isZero();
                    assertThat(texts("SELECT (SELECT count(*) FROM %s.saga_outbox_parked) + (SELECT count(*) FROM"
                                    + " %s.saga_outbox_dead_letters) + (SELECT count(*) FROM %s.published)"))
                            .as("in some place")
                            .containsExactly(Integer.toString(events));
                }
                return published;
            } finally {
                done.set(true);
            }
        };
        List<Long> results = Together.run(List.of(operator, operator, relay));
        // Every event died once more on its way, for one of three failed at its first attempt after that.
        assertThat(results.get(0) + results.get(1)).isEqualTo(events + events / 3);
        assertThat(results.get(2)).isEqualTo(events);
        assertThat(count("saga_outbox_parked")).isZero();
        assertThat(count("saga_outbox_dead_letters")).isZero();
    }

    /** Takes up to 20 due events; every third by its number dies the first time. */
    private long work(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        String sql = """
                WITH due AS (
                    SELECT p.event_id, p.created_at, p.seq, p.shard,
                           p.seq % 3 = 0 AND p.last_error = 'no' AS dies
                      FROM S.saga_outbox_parked p WHERE p.relay_name = 'kafka' AND p.next_attempt_at <= clock_timestamp()
                     ORDER BY p.seq LIMIT 20 FOR UPDATE SKIP LOCKED),
                gone AS (
                    DELETE FROM S.saga_outbox_parked p USING due
                     WHERE p.relay_name = 'kafka' AND p.event_id = due.event_id),
                dead AS (
                    INSERT INTO S.saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts, last_error)
                    SELECT 'kafka', event_id, created_at, seq, shard, 1, 'again' FROM due WHERE dies),
                published AS (
                    INSERT INTO S.published SELECT event_id FROM due WHERE NOT dies RETURNING 1)
                SELECT count(*) FROM published
                """.replace("S.", schema + '.');
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            long published = row.getLong(1);
            connection.commit();
            return published;
        }
    }

    @Test
    void aRelayThatIsGoneIsSeenAndForgottenAndKeepsNothingAnyMore() {
        sql("SELECT %s.create_saga_outbox_partition((now() AT TIME ZONE 'UTC' - interval '40 days')::date)");
        sql("INSERT INTO %s.saga_outbox (event_id, created_at, topic, payload) SELECT %s.sagaz_uuid7(t), t, 'old', '{}'"
                + " FROM (SELECT date_trunc('milliseconds', now() - interval '40 days') AS t) x");
        String partition = texts("SELECT tableoid::regclass::text FROM %s.saga_outbox")
                .get(0)
                .replaceAll(".*\\.", "");
        store.emit(List.of(OutboxEvent.to("new")));
        // One has published all, but has given the old event up; the other has published nothing, and is gone.
        sql("INSERT INTO %s.saga_outbox_cursors (relay_name, shard, published)"
                + " SELECT 'kafka', n, pg_current_snapshot() FROM generate_series(0, 63) n");
        kill("kafka", "topic = 'old'");
        sql("UPDATE %s.saga_outbox_relays SET last_seen_at = now() WHERE relay_name = 'kafka'");
        sql("UPDATE %s.saga_outbox_relays SET last_seen_at = now() - interval '6 minutes' WHERE relay_name = 'other'");

        Map<String, RelayStatus> relays = relays();
        assertThat(relays.keySet()).containsExactly("kafka", "other");
        RelayStatus kafka = Objects.requireNonNull(relays.get("kafka"));
        assertThat(kafka.seemsGone()).isFalse();
        assertThat(kafka.depth().unpublished()).isZero();
        assertThat(kafka.depth().deadLetters()).isEqualTo(1);
        assertThat(kafka.depth().lastSeenAt()).isPresent();
        assertThat(kafka.keptPartitions()).containsExactly(partition);
        assertThat(kafka.neededFrom().orElseThrow()).isBefore(Instant.now().minus(Duration.ofDays(39)));
        RelayStatus other = Objects.requireNonNull(relays.get("other"));
        assertThat(other.seemsGone()).isTrue();
        assertThat(other.depth().unpublished()).isEqualTo(2);
        assertThat(other.keptPartitions()).containsExactly(partition);
        assertThat(
                        asWriter(
                                "SELECT relay_name, seems_gone, unpublished, kept_partitions FROM sagaz_outbox_relays ORDER BY 1"))
                .containsExactly("kafka|f|0|{" + partition + "}", "other|t|2|{" + partition + "}");

        assertThat(admin.removeRelay("kafka")).isEqualTo(new RelayRemoval.AtWork());
        assertThatThrownBy(() -> asWriter("SELECT * FROM remove_outbox_relay('kafka')"))
                .rootCause()
                .hasMessageContaining("relay 'kafka' was at work at ")
                .hasMessageContaining("force => true");
        assertThat(relays()).hasSize(2);
        assertThat(needs(partition)).hasSize(2);
        assertThat(admin.removeRelay("other")).isEqualTo(new RelayRemoval.Removed(0, 0));
        assertThat(admin.removeRelay("other")).isEqualTo(new RelayRemoval.NotRegistered());
        assertThat(needs(partition)).containsExactly("1 dead letters");
        assertThat(admin.discardAll("kafka")).isEqualTo(1);
        assertThat(admin.relays()).allMatch(relay -> relay.keptPartitions().isEmpty());
        assertThat(needs(partition)).isEmpty();

        kill("kafka", "topic = 'old'");
        assertThat(admin.removeRelayAtWork("kafka")).isEqualTo(new RelayRemoval.Removed(0, 1));
        assertThat(relays()).isEmpty();
        assertThat(count("saga_outbox_cursors") + count("saga_outbox_dead_letters"))
                .isZero();
    }

    private List<String> needs(String partition) {
        return texts("SELECT reason FROM %s.sagaz_partition_needs('saga_outbox', '" + partition + "')");
    }

    private Map<String, RelayStatus> relays() {
        Map<String, RelayStatus> relays = new LinkedHashMap<>();
        admin.relays().forEach(relay -> relays.put(relay.name(), relay));
        return relays;
    }

    @Test
    void anEventIsShownWithItsPayload() {
        OutboxEvent json = OutboxEvent.to("orders")
                .type("Placed")
                .key("k")
                .json("{\"a\":1}")
                .header("h", "v");
        OutboxEvent bytes = OutboxEvent.to("orders").bytes(new byte[] {1, 2}, "application/avro");
        store.emit(List.of(json, bytes));

        StoredEvent stored = admin.event(json.id()).orElseThrow();
        assertThat(stored.topic()).isEqualTo("orders");
        assertThat(stored.type()).contains("Placed");
        assertThat(stored.key()).contains("k");
        assertThat(stored.createdAt()).isEqualTo(json.createdAt());
        assertThat(stored.payload()).isEqualTo(new EventPayload.Json("{\"a\": 1}"));
        assertThat(stored.headers()).isEqualTo(Map.of("h", "v"));
        assertThat(admin.event(bytes.id()).orElseThrow().payload())
                .isEqualTo(new EventPayload.Bytes(new byte[] {1, 2}, "application/avro"));
        assertThat(admin.event(UUID.randomUUID())).isEmpty();
        assertThat(admin.event(SagaId.next().value())).isEmpty();
    }

    @Test
    @SuppressWarnings("NullAway")
    void badArgumentsGetOneClearError() {
        assertThatThrownBy(() -> admin.resendAll("kafak"))
                .isInstanceOf(PermanentStoreException.class)
                .hasMessageContaining("there is no relay 'kafak'; there are: 'kafka', 'other'")
                .hasMessageContaining("nothing was written");
        for (Callable<?> call : List.<Callable<?>>of(
                () -> admin.resend("kafak", UUID.randomUUID()),
                () -> admin.discard("kafak", UUID.randomUUID()),
                () -> admin.discardAll("kafak"),
                () -> admin.retryNow("kafak", UUID.randomUUID()),
                () -> admin.retryAllNow("kafak"))) {
            assertThatThrownBy(call::call)
                    .isInstanceOf(PermanentStoreException.class)
                    .hasMessageContaining("there is no relay 'kafak'");
        }
        refused("relay must not be null", () -> admin.resend(null, UUID.randomUUID()));
        refused("eventId must not be null", () -> admin.resend("kafka", null));
        refused("relay must not be null", () -> admin.resendAll(null));
        refused("filter must not be null", () -> admin.resend("kafka", null, 1));
        refused("atMost must be at least 1 but is 0", () -> admin.resend("kafka", FailedEventFilter.all(), 0));
        refused("relay must not be null", () -> admin.discard(null, UUID.randomUUID()));
        refused("eventId must not be null", () -> admin.retryNow("kafka", (UUID) null));
        refused("relay must not be null", () -> admin.removeRelay(null));
        refused("eventId must not be null", () -> admin.event(null));
        for (String function : List.of("resend_dead_letters", "discard_dead_letters", "retry_parked_events")) {
            for (String most : List.of("0", "10001", "NULL")) {
                assertThatThrownBy(() -> asWriter("SELECT * FROM " + function + "('kafka', at_most => " + most + ")"))
                        .rootCause()
                        .hasMessageContaining("at_most must be 1 to 10000, but is " + most);
            }
            assertThatThrownBy(() -> asWriter("SELECT * FROM " + function + "(NULL)"))
                    .rootCause()
                    .hasMessageContaining("relay must not be NULL");
        }
    }

    private static void refused(String why, Callable<?> call) {
        assertThatIllegalArgumentException().isThrownBy(call::call).withMessage(why);
    }

    @Test
    void aReaderLooksAndChangesNothing() {
        store.emit(List.of(OutboxEvent.to("t")));
        killAll("kafka", "no");
        assertThat(rows(Stand.topology().reader(), "SELECT relay_name FROM sagaz_outbox_relays ORDER BY 1"))
                .containsExactly("kafka", "other");
        for (String change : List.of(
                "resend_dead_letters('kafka')",
                "discard_dead_letters('kafka')",
                "retry_parked_events('kafka')",
                "remove_outbox_relay('other')")) {
            assertThatThrownBy(() -> rows(Stand.topology().reader(), "SELECT * FROM " + change))
                    .as(change)
                    .rootCause()
                    .hasMessageContaining("permission denied");
        }
        assertThat(count("saga_outbox_dead_letters")).isEqualTo(1);
    }

    @Test
    void thePageShowsTheSampleThatRunsAndItsStatementsWork() throws Exception {
        assertThat(Sample.page(PAGE)).contains(Sample.of(DeadLettersExample.class));
        sql("INSERT INTO %s.saga_outbox (topic, event_type, payload) VALUES ('orders', 'OrderPlaced', '{}'),"
                + " ('orders', 'OrderDrafted', '{}')");
        killAll("kafka", "timeout after 3 s");
        sql("UPDATE %s.saga_outbox_dead_letters SET last_error = 'no' WHERE event_id ="
                + " (SELECT event_id FROM %s.saga_outbox WHERE event_type = 'OrderDrafted')");
        Await.until("replicas have the letters", () -> new DeadLettersExample().lettersSeen(store) == 2);
        assertThat(new DeadLettersExample().run(store))
                .contains("orders", "timeout after 3 s")
                .endsWith("Resent[resent=1, eventsGone=0] 1");

        Map<String, List<String>> answers = new LinkedHashMap<>();
        Matcher block = BLOCK.matcher(Sample.page(PAGE));
        killAll("kafka", "timeout");
        UUID event = idOfType("OrderPlaced");
        while (block.find()) {
            List<String> all = new ArrayList<>();
            for (String statement :
                    Pattern.compile(";[^\n]*\n").splitAsStream(block.group(2)).toList()) {
                if (!statement.isBlank()) {
                    all.addAll(asWriter(statement.replace("019c21ac-ec65-7000-8000-000000000000", event.toString())));
                }
            }
            answers.put(block.group(1), all);
        }
        assertThat(answers.keySet()).containsExactly("look", "resend", "discard", "retry", "relays");
        assertThat(answers.get("look")).hasSizeGreaterThan(2);
        assertThat(answers.get("resend")).startsWith("t");
    }

    private void killAll(String relay, String error) {
        sql(
                "INSERT INTO %s.saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts, last_error)"
                        + " SELECT '" + relay + "', event_id, created_at, seq, shard, 10, '" + error
                        + "' FROM %s.saga_outbox o"
                        + " ON CONFLICT DO NOTHING");
        sql("DELETE FROM %s.saga_outbox_parked WHERE relay_name = '" + relay + "'");
    }

    private void kill(String relay, String which) {
        sql("INSERT INTO %s.saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts)"
                + " SELECT '" + relay + "', event_id, created_at, seq, shard, 10 FROM %s.saga_outbox WHERE " + which);
    }

    private UUID idOf(String topic) {
        return UUID.fromString(texts("SELECT event_id FROM %s.saga_outbox WHERE topic = '" + topic + "'")
                .get(0));
    }

    private UUID idOfType(String type) {
        return UUID.fromString(texts("SELECT event_id FROM %s.saga_outbox WHERE event_type = '" + type + "'")
                .get(0));
    }

    /** As psql would, through PgBouncer. */
    private List<String> asWriter(String sql) {
        return rows(Stand.topology().app(), sql);
    }

    private List<String> rows(Credentials as, String sql) {
        String url = as.equals(Stand.topology().app())
                ? Stand.topology().rwUrl()
                : Stand.topology().primaryUrl();
        try (Connection connection = Stand.topology().connect(url, as);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET LOCAL search_path = " + schema);
            List<String> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(sql)) {
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(String.valueOf(row.getString(i)));
                    }
                    rows.add(String.join("|", values));
                }
            }
            connection.commit();
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> texts(String query) {
        try {
            return Stand.texts(in(query));
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    private long count(String from) {
        return Long.parseLong(texts("SELECT count(*) FROM %s." + from).get(0));
    }

    private void sql(String statement) {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), in(statement));
    }

    private String in(String sql) {
        return sql.replace("%s", schema).replace("%%", "%");
    }
}
