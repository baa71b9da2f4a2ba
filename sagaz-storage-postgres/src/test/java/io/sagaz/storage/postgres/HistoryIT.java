package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StoredEvent;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sagas by their owner, what the audit log tells of one, its events, and how lists go on. */
class HistoryIT {
    private static String schema;
    private static RoutingSagaStore store;
    private static SagaReads reads;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        store = Stand.builder(schema).build();
        reads = store.reads(ReadConsistency.strong());
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Test
    void anOwnerHasTheSagasWhoseLeaseHasNotRunOut() {
        Lease mine = new Lease("host-1", Duration.ofMinutes(5));
        SagaId held = store.start(NewSaga.named("owned").lease(mine)).id();
        SagaId givenUp = store.start(NewSaga.named("owned").lease(mine)).id();
        store.apply(givenUp, 1, SagaChange.to(SagaStatus.RUNNING).lease(new Lease("host-1", Duration.ZERO)));
        SagaId ended = store.start(NewSaga.named("owned").lease(mine)).id();
        store.apply(ended, 1, SagaChange.to(SagaStatus.FAILED));
        SagaId nobodys = store.start(NewSaga.named("owned")).id();
        store.start(NewSaga.named("owned").lease(new Lease("host-2", Duration.ofMinutes(5))));

        Instant now = Instant.now();
        assertThat(list(SagaFilter.all().owner("host-1"))).singleElement().satisfies(saga -> {
            assertThat(saga.id()).isEqualTo(held);
            assertThat(saga.owner()).contains("host-1");
            assertThat(saga.leasedUntil().orElseThrow()).isBetween(now.plusSeconds(200), now.plusSeconds(400));
        });
        assertThat(list(SagaFilter.named("other").owner("host-1"))).isEmpty();
        assertThat(list(SagaFilter.all().owner("host-1").status(SagaStatus.RUNNING)))
                .isEmpty();
        assertThat(reads.countByStatus(SagaFilter.all().owner("host-1")).value())
                .containsEntry(SagaStatus.PENDING, 1L)
                .containsEntry(SagaStatus.RUNNING, 0L);
        assertThat(summary(givenUp).owner()).contains("host-1");
        assertThat(summary(givenUp).leasedUntil().orElseThrow()).isBeforeOrEqualTo(Instant.now());
        assertThat(summary(ended).owner()).isEmpty();
        assertThat(summary(ended).leasedUntil()).isEmpty();
        assertThat(summary(nobodys).owner()).isEmpty();
    }

    @Test
    void eachKindOfFilterFindsTheSame() {
        SagaId failed = store.start(NewSaga.named("kinds")).id();
        store.apply(failed, 1, SagaChange.to(SagaStatus.FAILED));
        SagaId running = store.start(NewSaga.named("kinds")).id();
        store.apply(running, 1, SagaChange.to(SagaStatus.RUNNING));
        SagaId done = store.start(NewSaga.named("kinds")).id();
        store.apply(done, 1, SagaChange.to(SagaStatus.RUNNING));
        store.apply(done, 2, SagaChange.to(SagaStatus.SUCCESS));
        SagaFilter kinds = SagaFilter.named("kinds");

        assertThat(ids(kinds.status(SagaStatus.FAILED))).containsExactly(failed);
        assertThat(ids(kinds.status(SagaStatus.FAILED, SagaStatus.COMPENSATED))).containsExactly(failed);
        assertThat(ids(kinds.status(SagaStatus.RUNNING, SagaStatus.PENDING))).containsExactly(running);
        assertThat(ids(kinds.status(SagaStatus.SUCCESS, SagaStatus.FAILED))).containsExactly(done, failed);
        assertThat(ids(kinds)).containsExactly(done, running, failed);
    }

    @Test
    void theTrailOfASagaIsToldFromItsBeginning() {
        SagaId id = store.start(NewSaga.named("trail").steps("a")).id();
        store.apply(id, 1, SagaChange.stepStarted("a").andTo(SagaStatus.RUNNING));
        store.annotate(id, AuditEntry.of("NOTE").step("a").actor("alice").json("{\"why\": \"because\"}"));
        store.start(NewSaga.named("trail"));

        List<AuditRecord> trail =
                reads.auditTrail(id, PageRequest.first(10)).value().items();
        assertThat(trail).extracting(AuditRecord::type).containsExactly("SAGA_STARTED", "SAGA_CHANGED", "NOTE");
        assertThat(trail).extracting(AuditRecord::saga).containsOnly(id);
        assertThat(trail).extracting(record -> record.version().orElseThrow()).containsExactly(1L, 2L, 2L);
        assertThat(trail.get(2).step()).contains("a");
        assertThat(trail.get(2).actor()).contains("alice");
        assertThat(trail.get(2).data()).isEqualTo("{\"why\": \"because\"}");
        assertThat(trail.get(2).toString()).contains("NOTE", "alice").doesNotContain("because");
        assertThat(trail.get(0).createdAt()).isEqualTo(new SagaId(trail.get(0).id()).createdAt());
        assertThat(reads.auditTrail(SagaId.next(), PageRequest.first(10)).value())
                .isEqualTo(new Page<>(List.of(), Optional.empty()));
    }

    @Test
    void entriesOfOneMillisecondComeOnceEachOnWhateverPages() {
        Instant at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        SagaId id = SagaId.next(Clock.fixed(at, ZoneOffset.UTC));
        store.start(NewSaga.named("burst").id(id));
        sql("INSERT INTO %s.saga_audit_log (entry_id, created_at, saga_id, event_type)" + " SELECT %s.sagaz_uuid7('"
                + at + "'), '" + at + "', '" + id + "', 'N' FROM generate_series(1, 20)");
        for (int size : new int[] {1, 7, 20, 21, 22}) {
            List<AuditRecord> all = pages(page -> reads.auditTrail(id, page).value(), size);
            assertThat(all).as("pages of %d", size).hasSize(21);
            assertThat(all).extracting(AuditRecord::id).doesNotHaveDuplicates();
            assertThat(all).isSortedAccordingTo((a, b) -> a.id().toString().compareTo(b.id().toString()));
        }
    }

    @Test
    void eventsComeAsTheyWereEmittedWhateverTheirClocksSaid() {
        OutboxEvent first =
                OutboxEvent.to("t").type("First").key("k").header("h", "1").json("{\"n\": 1}");
        NewSaga saga = NewSaga.named("events").steps("a").emit(first);
        SagaId id = store.start(saga).id();
        OutboxEvent bytes = OutboxEvent.to("t").bytes("xyz".getBytes(StandardCharsets.UTF_8), "text/plain");
        store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING).emit(bytes).emit(OutboxEvent.to("u")));
        // Of a host whose clock is half an hour behind, and so older than the saga.
        Instant behind = id.createdAt().minus(Duration.ofMinutes(30));
        sql("INSERT INTO %s.saga_outbox (event_id, created_at, saga_id, topic, payload) SELECT %s.sagaz_uuid7('"
                + behind + "'), '" + behind + "', '" + id + "', 'late clock', '{}'");
        store.emit(List.of(OutboxEvent.to("of no saga")));
        store.start(NewSaga.named("events").emit(OutboxEvent.to("of another")));

        List<StoredEvent> events =
                reads.events(id, PageRequest.first(10)).value().items();
        assertThat(events).extracting(StoredEvent::topic).containsExactly("t", "t", "u", "late clock");
        assertThat(events).isSortedAccordingTo((a, b) -> Long.compare(a.number(), b.number()));
        StoredEvent one = events.get(0);
        assertThat(one.id()).isEqualTo(first.id());
        assertThat(one.createdAt()).isEqualTo(first.createdAt());
        assertThat(one.saga()).contains(id);
        assertThat(one.key()).contains("k");
        assertThat(one.type()).contains("First");
        assertThat(one.payload()).isEqualTo(new EventPayload.Json("{\"n\": 1}"));
        assertThat(one.headers()).isEqualTo(Map.of("h", "1"));
        assertThat(one.toString()).contains("First").doesNotContain("\"n\"");
        assertThat(events.get(1).payload()).isEqualTo(bytes.payload());
        assertThat(events.get(1).key()).contains(id.toString());
        assertThat(events.get(1).headers()).isEmpty();
        for (int size : new int[] {1, 3, 4, 5}) {
            assertThat(pages(page -> reads.events(id, page).value(), size))
                    .as("pages of %d", size)
                    .isEqualTo(events);
        }
        assertThat(reads.events(SagaId.next(), PageRequest.first(10)).value().items())
                .isEmpty();
    }

    @Test
    void sagasOfOneMillisecondComeOnceEachOnWhateverPages() {
        Clock clock = Clock.fixed(Instant.now(), ZoneOffset.UTC);
        for (int i = 0; i < 13; i++) {
            store.start(NewSaga.named("same").id(SagaId.next(clock)));
        }
        for (int size : new int[] {1, 6, 12, 13, 14}) {
            List<SagaSummary> all =
                    pages(page -> reads.list(SagaFilter.named("same"), page).value(), size);
            assertThat(all)
                    .extracting(SagaSummary::id)
                    .as("pages of %d", size)
                    .doesNotHaveDuplicates()
                    .hasSize(13);
            assertThat(all).isSortedAccordingTo((a, b) -> b.id().toString().compareTo(a.id().toString()));
        }
    }

    @Test
    void aCursorGoesThroughAUrlAndOnlyOnInItsOwnList() {
        for (int i = 0; i < 3; i++) {
            store.start(NewSaga.named("cursor"));
        }
        SagaFilter filter = SagaFilter.named("cursor");
        Page<SagaSummary> first = reads.list(filter, PageRequest.first(1)).value();
        String cursor = first.next().orElseThrow().after().orElseThrow();
        assertThat(cursor).matches("[A-Za-z0-9_-]{23}");
        assertThat(reads.list(filter, PageRequest.after(cursor, 5)).value().items())
                .hasSize(2)
                .doesNotContainAnyElementsOf(first.items());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.auditTrail(SagaId.next(), PageRequest.after(cursor, 5)))
                .withMessage("PageRequest.after must be what Page.next() of a list of AUDIT_TRAIL told but is \""
                        + cursor + "\", one of SAGAS; begin with PageRequest.first(size)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.events(SagaId.next(), PageRequest.after(cursor, 5)))
                .withMessageContaining("a list of EVENTS told");
        for (String wrong :
                List.of("A", "nonsense", cursor.substring(1), cursor + "AAAA", "_" + cursor.substring(1), "AQ")) {
            assertThatIllegalArgumentException()
                    .as(wrong)
                    .isThrownBy(() -> reads.list(filter, PageRequest.after(wrong, 5)))
                    .withMessage("PageRequest.after must be what Page.next() of a list of SAGAS told but is \"" + wrong
                            + "\"; begin with PageRequest.first(size)");
        }
    }

    @Test
    @SuppressWarnings("NullAway")
    void nullIsRefusedByName() {
        PageRequest page = PageRequest.first(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.auditTrail(null, page))
                .withMessage("id must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.auditTrail(SagaId.next(), null))
                .withMessage("page must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.events(null, page))
                .withMessage("id must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.events(SagaId.next(), null))
                .withMessage("page must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.forEach(null, saga -> {}))
                .withMessage("filter must not be null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reads.forEach(SagaFilter.all(), null))
                .withMessage("consumer must not be null");
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

    private static List<SagaSummary> list(SagaFilter filter) {
        return reads.list(filter, PageRequest.first(100)).value().items();
    }

    private static List<SagaId> ids(SagaFilter filter) {
        return list(filter).stream().map(SagaSummary::id).toList();
    }

    private static SagaSummary summary(SagaId id) {
        return reads.find(id).value().orElseThrow().summary();
    }

    private static void sql(String statement) {
        Stand.run(Stand.topology().primaryUrl(), Stand.topology().owner(), statement.replace("%s", schema));
    }
}
