package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.OutboxThroughput;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ParkedEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.TimeSpan;
import io.sagaz.testkit.Await;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboxReadsIT {
    private String schema = "";
    private RoutingSagaStore store;
    private OutboxReads outbox;

    @BeforeEach
    void open() {
        schema = Stand.newSchema();
        store = Stand.builder(schema).partitions(PartitionPolicy.leftToOthers()).build();
        outbox = store.outbox(ReadConsistency.strong());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void withoutARelayNothingIsPublished() {
        OutboxDepth empty = only();
        assertThat(empty.relay()).isEmpty();
        assertThat(empty.unpublished()).isZero();
        assertThat(empty.exact()).isTrue();
        assertThat(empty.atMost()).isZero();
        assertThat(empty.oldest()).isEmpty();
        assertThat(empty.oldestAge()).isEmpty();

        OutboxEvent first = OutboxEvent.to("t");
        store.emit(List.of(first, OutboxEvent.to("t"), OutboxEvent.to("t")));
        OutboxDepth three = only();
        assertThat(three.unpublished()).isEqualTo(3);
        assertThat(three.exact()).isTrue();
        assertThat(three.atMost()).isEqualTo(3);
        assertThat(three.oldest()).contains(first.createdAt());
        assertThat(three.oldestAge().orElseThrow()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
    }

    @Test
    void aRelayIsBehindWithWhatItsCursorsDoNotShow() {
        sql("INSERT INTO %s.saga_outbox_relays (relay_name, last_seen_at) VALUES ('kafka', now()), ('audit', NULL)");
        sql("INSERT INTO %s.saga_outbox_cursors (relay_name, shard, published)"
                + " SELECT 'kafka', n, '3:3:' FROM generate_series(0, 63) n");
        store.emit(Stream.generate(() -> OutboxEvent.to("t")).limit(10).toList());
        assertThat(depth("kafka").unpublished()).isEqualTo(10);

        sql("UPDATE %s.saga_outbox_cursors SET published = pg_current_snapshot()");
        OutboxDepth caughtUp = depth("kafka");
        assertThat(caughtUp.unpublished()).isZero();
        assertThat(caughtUp.atMost()).as("numbers behind low_seq").isEqualTo(10);
        assertThat(caughtUp.oldest()).isEmpty();
        assertThat(caughtUp.lastSeenAt()).isPresent();
        assertThat(depth("audit").unpublished()).as("a relay without cursors").isEqualTo(10);
        assertThat(depth("audit").lastSeenAt()).isEmpty();

        OutboxEvent late = OutboxEvent.to("t");
        store.emit(List.of(late));
        assertThat(depth("kafka").unpublished()).isEqualTo(1);
        assertThat(depth("kafka").oldest()).contains(late.createdAt());
        sql("UPDATE %s.saga_outbox_cursors SET low_seq = 10");
        assertThat(depth("kafka").unpublished()).isEqualTo(1);
        assertThat(depth("kafka").atMost()).isEqualTo(1);
        sql("UPDATE %s.saga_outbox_cursors SET low_seq = 11");
        assertThat(depth("kafka").unpublished()).isZero();
        assertThat(depth("kafka").atMost()).isZero();
    }

    @Test
    void aShardWithoutACursorAndACursorOfAnotherClusterHavePublishedNothing() {
        sql("INSERT INTO %s.saga_outbox_relays (relay_name) VALUES ('kafka')");
        store.emit(Stream.generate(() -> OutboxEvent.to("t")).limit(200).toList());
        sql("INSERT INTO %s.saga_outbox_cursors (relay_name, shard, published, low_seq)"
                + " SELECT 'kafka', n, pg_current_snapshot(), 0 FROM generate_series(0, 63) n");
        assertThat(depth("kafka").unpublished()).isZero();
        // Which shards have events is left to chance.
        long shard = count("SELECT min(shard) FROM %s.saga_outbox");
        long ofOneShard = count("SELECT count(*) FROM %s.saga_outbox WHERE shard = " + shard);
        sql("DELETE FROM %s.saga_outbox_cursors WHERE shard = " + shard);
        assertThat(depth("kafka").unpublished()).isEqualTo(ofOneShard);
        assertThat(depth("kafka").atMost()).isEqualTo(200);

        sql("UPDATE %s.saga_outbox_cursors SET system_identifier = 1, low_seq = 50");
        assertThat(depth("kafka").unpublished())
                .as("after a restore only low_seq holds")
                .isEqualTo(count("SELECT count(*) FROM %s.saga_outbox WHERE shard = " + shard + " OR seq > 50"));
    }

    @Test
    void ofALongBacklogTheOldestPartIsCountedAndTheRestBounded() {
        sql("INSERT INTO %s.saga_outbox (topic, payload) SELECT 't', '{}' FROM generate_series(1, "
                + (OutboxDepth.MOST_EXAMINED + 500) + ")");
        OutboxDepth deep = only();
        assertThat(deep.unpublished()).isEqualTo(OutboxDepth.MOST_EXAMINED);
        assertThat(deep.exact()).isFalse();
        assertThat(deep.atMost()).isEqualTo(OutboxDepth.MOST_EXAMINED + 500);
        assertThat(deep.oldest()).isPresent();
    }

    @Test
    void deadLettersComeNewestFirstAndParkedEventsOldestFirst() {
        sql("INSERT INTO %s.saga_outbox_relays (relay_name) VALUES ('kafka'), ('other')");
        SagaId saga = store.start(
                        NewSaga.named("s").emit(OutboxEvent.to("orders").type("OrderPlaced")))
                .id();
        store.emit(Stream.generate(() -> OutboxEvent.to("t")).limit(8).toList());
        sql(
                "INSERT INTO %s.saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts, last_error)"
                        + " SELECT 'kafka', event_id, created_at, seq, shard, 10, 'refused' FROM %s.saga_outbox");
        sql("INSERT INTO %s.saga_outbox_parked (relay_name, event_id, created_at, seq, shard, ordering_key, attempts,"
                + " next_attempt_at, last_error) SELECT 'kafka', event_id, created_at, seq, shard, 'k', 2,"
                + " now() + interval '1 minute', 'down' FROM %s.saga_outbox");
        OutboxDepth depth = depth("kafka");
        assertThat(depth.deadLetters()).isEqualTo(9);
        assertThat(depth.parked()).isEqualTo(9);
        assertThat(depth("other").deadLetters()).isZero();
        assertThat(depth("other").parked()).isZero();

        for (int size : new int[] {1, 4, 8, 9, 10}) {
            List<DeadLetter> letters =
                    pages(page -> outbox.deadLetters("kafka", page).value(), size);
            assertThat(letters)
                    .as("pages of %d", size)
                    .extracting(DeadLetter::eventId)
                    .doesNotHaveDuplicates()
                    .hasSize(9);
            assertThat(letters)
                    .isSortedAccordingTo((a, b) ->
                            b.eventId().toString().compareTo(a.eventId().toString()));
            List<ParkedEvent> parked =
                    pages(page -> outbox.parked("kafka", page).value(), size);
            assertThat(parked)
                    .extracting(ParkedEvent::eventId)
                    .doesNotHaveDuplicates()
                    .hasSize(9);
            assertThat(parked)
                    .isSortedAccordingTo((a, b) ->
                            a.eventId().toString().compareTo(b.eventId().toString()));
        }
        DeadLetter letter = pages(page -> outbox.deadLetters("kafka", page).value(), 100).stream()
                .filter(each -> each.saga().isPresent())
                .findFirst()
                .orElseThrow();
        assertThat(letter.saga()).contains(saga);
        assertThat(letter.topic()).contains("orders");
        assertThat(letter.type()).contains("OrderPlaced");
        assertThat(letter.attempts()).isEqualTo(10);
        assertThat(letter.error()).contains("refused");
        assertThat(letter.diedAt()).isBeforeOrEqualTo(Instant.now().plusSeconds(60));
        ParkedEvent parked =
                outbox.parked("kafka", PageRequest.first(1)).value().items().get(0);
        assertThat(parked.orderingKey()).isEqualTo("k");
        assertThat(parked.attempts()).isEqualTo(2);
        assertThat(parked.nextAttemptAt()).isAfter(parked.parkedAt());
        assertThat(parked.error()).contains("down");
        assertThat(outbox.deadLetters("nobody", PageRequest.first(5)).value().items())
                .isEmpty();

        String cursor = outbox.deadLetters("kafka", PageRequest.first(1))
                .value()
                .next()
                .flatMap(PageRequest::after)
                .orElseThrow();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outbox.parked("kafka", PageRequest.after(cursor, 1)))
                .withMessageContaining("a list of PARKED_EVENTS told")
                .withMessageContaining("one of DEAD_LETTERS");
    }

    @Test
    void aLetterWhoseEventIsGoneIsStillThere() {
        sql("INSERT INTO %s.saga_outbox_relays (relay_name) VALUES ('kafka')");
        sql(
                "INSERT INTO %s.saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts)"
                        + " SELECT 'kafka', %s.sagaz_uuid7(t), t, 1, 1, 1 FROM (SELECT date_trunc('milliseconds', now()) AS t) x");
        assertThat(outbox.deadLetters("kafka", PageRequest.first(1)).value().items())
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.topic()).isEmpty();
                    assertThat(letter.saga()).isEmpty();
                    assertThat(letter.error()).isEmpty();
                });
    }

    @Test
    void throughputCountsEventsOfEachInterval() {
        sql("SELECT %s.create_saga_outbox_partition('2025-03-29'), %s.create_saga_outbox_partition('2025-03-30')");
        sql("INSERT INTO %s.saga_outbox (event_id, created_at, topic, payload) SELECT %s.sagaz_uuid7(t), t, 't', '{}'"
                + " FROM unnest(ARRAY['2025-03-29 23:59:59.999Z', '2025-03-30 00:00Z', '2025-03-30 00:29:59.999Z',"
                + " '2025-03-30 00:30Z', '2025-03-30 02:00Z']::timestamptz[]) t");
        Instant night = Instant.parse("2025-03-30T00:00:00Z");
        assertThat(outbox.throughput(new TimeSpan(night, night.plus(Duration.ofHours(2))), Duration.ofMinutes(30))
                        .value())
                .containsExactly(
                        new OutboxThroughput(night, 2),
                        new OutboxThroughput(night.plus(Duration.ofMinutes(30)), 1),
                        new OutboxThroughput(night.plus(Duration.ofHours(1)), 0),
                        new OutboxThroughput(night.plus(Duration.ofMinutes(90)), 0));
        assertThat(outbox.throughput(
                                new TimeSpan(
                                        night.minusMillis(1),
                                        night.plus(Duration.ofHours(2)).plusMillis(1)),
                                Duration.ofDays(1))
                        .value())
                .containsExactly(
                        new OutboxThroughput(night.minus(Duration.ofDays(1)), 1), new OutboxThroughput(night, 4));
    }

    @Test
    void aReplicaAnswersTheSame() {
        sql("INSERT INTO %s.saga_outbox_relays (relay_name) VALUES ('kafka')");
        store.emit(Stream.generate(() -> OutboxEvent.to("t")).limit(4).toList());
        OutboxReads replica = store.outbox(ReadConsistency.atMost(Duration.ofSeconds(30)));
        Await.until("a replica answers, and has the events", () -> {
            var answer = replica.depth();
            return answer.receipt().source() == ReadSource.REPLICA
                    && answer.value().size() == 1
                    && answer.value().get(0).unpublished() == 4;
        });
        assertThat(replica.deadLetters("kafka", PageRequest.first(1)).value().items())
                .isEmpty();
        assertThat(replica.parked("kafka", PageRequest.first(1)).value().items())
                .isEmpty();
    }

    @Test
    @SuppressWarnings("NullAway")
    void badArgumentsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.outbox(null))
                .withMessage("consistency must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outbox.deadLetters(null, PageRequest.first(1)))
                .withMessage("relay must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outbox.parked("r", null))
                .withMessage("page must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outbox.throughput(null, Duration.ofHours(1)))
                .withMessage("span must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        outbox.throughput(TimeSpan.last(Duration.ofDays(30), Instant.now()), Duration.ofSeconds(1)))
                .withMessageContaining("take PT4M19.201S or longer");
    }

    private static <T> List<T> pages(Function<PageRequest, Page<T>> list, int size) {
        List<T> all = new ArrayList<>();
        Optional<PageRequest> next = Optional.of(PageRequest.first(size));
        while (next.isPresent()) {
            Page<T> page = list.apply(next.get());
            assertThat(page.items()).hasSizeBetween(1, size);
            all.addAll(page.items());
            next = page.next();
        }
        return all;
    }

    private OutboxDepth only() {
        List<OutboxDepth> depths = outbox.depth().value();
        assertThat(depths).hasSize(1);
        return depths.get(0);
    }

    private OutboxDepth depth(String relay) {
        return outbox.depth().value().stream()
                .filter(depth -> depth.relay().equals(Optional.of(relay)))
                .findFirst()
                .orElseThrow();
    }

    private long count(String query) {
        try {
            return Stand.count(query.replace("%s", schema));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void sql(String statement) {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), statement.replace("%s", schema));
    }
}
