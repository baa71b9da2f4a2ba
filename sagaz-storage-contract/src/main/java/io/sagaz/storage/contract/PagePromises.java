package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages go on behind the last element of the page before. */
abstract class PagePromises extends Promises {
    PagePromises(SagaStoreContract contract) {
        super(contract);
    }

    @ParameterizedTest
    @DisplayName("shows each saga of one millisecond once, the newest first, whatever the size of a page")
    @ValueSource(ints = {1, 6, 12, 13, 14, 1_000})
    void sagasComeOnceEach(int size) {
        String name = newName();
        Clock clock = Clock.fixed(Instant.now(), ZoneOffset.UTC);
        List<NewSaga> sagas = Stream.generate(() -> NewSaga.named(name).id(SagaId.next(clock)))
                .limit(13)
                .toList();
        writes().startAll(sagas);
        List<SagaSummary> all =
                pages(page -> reads().list(SagaFilter.named(name), page).value(), size);
        assertThat(all)
                .extracting(SagaSummary::id)
                .containsExactlyInAnyOrderElementsOf(
                        sagas.stream().map(NewSaga::id).toList());
        assertThat(all).isSortedAccordingTo((a, b) -> b.id().toString().compareTo(a.id().toString()));
    }

    @Test
    @DisplayName("has the same pages though sagas are started and changed meanwhile")
    void newSagasShiftNothing() {
        String name = newName();
        List<SagaId> started = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            started.add(0, writes().start(NewSaga.named(name)).id());
        }
        List<SagaId> listed = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        Optional<PageRequest> next = Optional.of(PageRequest.first(10));
        while (next.isPresent()) {
            Page<SagaSummary> page =
                    reads().list(SagaFilter.named(name), next.get()).value();
            page.items().forEach(saga -> listed.add(saga.id()));
            sizes.add(page.items().size());
            next = page.next();
            writes().start(NewSaga.named(name));
            writes().apply(started.get(listed.size() - 1), 1, SagaChange.to(SagaStatus.RUNNING));
            writes().apply(started.get(24), sizes.size(), SagaChange.note(AuditEntry.of("NOTE")));
        }
        assertThat(sizes).containsExactly(10, 10, 5);
        assertThat(listed).containsExactlyElementsOf(started);
    }

    @ParameterizedTest
    @DisplayName("has pages of a filter with statuses, an owner and a time, too")
    @ValueSource(ints = {1, 2, 7})
    void filtersArePaged(int size) {
        String name = newName();
        List<SagaId> running = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            SagaId id = writes().start(NewSaga.named(name)).id();
            if (i % 2 == 0) {
                bring(id, SagaStatus.RUNNING);
                running.add(0, id);
            }
        }
        Instant from = running.get(running.size() - 1).createdAt();
        SagaFilter filter = SagaFilter.named(name).status(SagaStatus.RUNNING).createdFrom(from);
        assertThat(pages(page -> reads().list(filter, page).value(), size))
                .extracting(SagaSummary::id)
                .containsExactlyElementsOf(running);
    }

    @ParameterizedTest
    @DisplayName("shows each event and each entry of a saga once, in the order in which they came")
    @ValueSource(ints = {1, 7, 19, 20, 21, 22})
    void eventsAndEntriesComeOnceEach(int size) {
        NewSaga saga = NewSaga.named(newName());
        List<OutboxEvent> events = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            OutboxEvent event = OutboxEvent.to(newName()).json("" + i);
            events.add(event);
            saga = saga.emit(event).audit(AuditEntry.of("NOTE").json("" + i));
        }
        SagaId id = writes().start(saga).id();
        assertThat(pages(page -> reads().events(id, page).value(), size))
                .extracting(event -> event.id())
                .containsExactlyElementsOf(events.stream().map(OutboxEvent::id).toList());
        assertThat(pages(page -> reads().auditTrail(id, page).value(), size))
                .hasSize(21)
                .isEqualTo(trail(id));
    }

    @Test
    @DisplayName("gives a text for a URL, with which only a list of its own kind goes on")
    void aCursorIsOfOneList() {
        String name = newName();
        for (int i = 0; i < 3; i++) {
            writes().start(NewSaga.named(name));
        }
        SagaFilter filter = SagaFilter.named(name);
        String sagas = cursor(page -> reads().list(filter, page).value());
        assertThat(reads().list(filter, PageRequest.after(sagas, 5)).value().items())
                .hasSize(2);
        SagaId id = writes().start(NewSaga.named(name)
                        .emit(OutboxEvent.to(newName()))
                        .emit(OutboxEvent.to(newName()))
                        .audit(AuditEntry.of("NOTE")))
                .id();
        String events = cursor(page -> reads().events(id, page).value());
        String trail = cursor(page -> reads().auditTrail(id, page).value());
        for (String wrong : List.of(events, trail, "A", "nonsense", sagas.substring(1), sagas + "AAAA")) {
            refuses(() -> reads().list(filter, PageRequest.after(wrong, 5)));
        }
        for (String wrong : List.of(sagas, trail, "A", "nonsense")) {
            refuses(() -> reads().events(id, PageRequest.after(wrong, 5)));
        }
        for (String wrong : List.of(sagas, events, "A", "nonsense")) {
            refuses(() -> reads().auditTrail(id, PageRequest.after(wrong, 5)));
        }
    }

    private static <T> String cursor(Function<PageRequest, Page<T>> list) {
        return list.apply(PageRequest.first(1)).next().orElseThrow().after().orElseThrow();
    }
}
