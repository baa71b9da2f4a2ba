package io.sagaz.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ClaimsTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @Test
    void whatIsFinishedIsNobodysToGoOnWith() {
        ClaimRequest request = ClaimRequest.by("worker", Duration.ofMinutes(1));
        Instant muchLater = NOW.plus(Duration.ofDays(365));
        Saga saga = saga("order");
        assertThat(Claims.isAbandoned(saga.summary(), request, muchLater)).isTrue();
        Saga failed = Changes.changed(saga, SagaChange.to(SagaStatus.FAILED), List.of(), NOW);
        assertThat(Claims.isAbandoned(failed.summary(), request, muchLater)).isFalse();
    }

    @Test
    void whatOneNameLeavesIsSharedByTheOthers() {
        Map<String, List<Saga>> abandoned =
                Map.of("few", sagas("few", 1), "many", sagas("many", 10), "more", sagas("more", 10));
        Map<String, Long> chosen = Claims.shared(abandoned, 9).stream()
                .collect(Collectors.groupingBy(saga -> saga.summary().name(), Collectors.counting()));
        assertThat(chosen).isEqualTo(Map.of("few", 1L, "many", 4L, "more", 4L));
    }

    @Test
    void whenThereIsRoomForOneEachNameHasItsTurn() {
        Map<String, List<Saga>> abandoned = Map.of("a", sagas("a", 1), "b", sagas("b", 1));
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            first.add(Claims.shared(abandoned, 1).get(0).summary().name());
        }
        assertThat(first).containsExactlyInAnyOrder("a", "b");
    }

    private static List<Saga> sagas(String name, int number) {
        return Collections.nCopies(number, saga(name));
    }

    private static Saga saga(String name) {
        return Changes.started(NewSaga.named(name), "{}", NOW);
    }
}
