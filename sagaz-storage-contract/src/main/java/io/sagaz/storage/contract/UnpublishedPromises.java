package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ParkedEvent;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.ParkedAttempt;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayMember.Acknowledgement;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.log.Settlement;
import io.sagaz.storage.log.ShardedEvent;
import io.sagaz.storage.log.Unpublished;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a broker does not take is parked with those of its key, tried again, and becomes a dead letter in the end. */
abstract class UnpublishedPromises extends Promises {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final long MUCH = 1L << 30;

    UnpublishedPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("is parked with those that wait behind it, and comes with them in their order")
    void parkedEventsKeepTheirOrder() {
        String relay = newRelay();
        RelayMember member = member(relay);
        List<UUID> bad = emit("bad", 4);
        emit("good", 3);
        park(member, "bad", HOUR);

        List<ParkedKey> keys = member.parkedKeys();
        assertThat(keys).singleElement().satisfies(key -> {
            assertThat(key.orderingKey()).isEqualTo("bad");
            assertThat(key.dueIn()).isBetween(Duration.ofMinutes(58), HOUR);
        });
        List<ParkedAttempt> attempts = member.parked(keys, 10).attempts();
        assertThat(attempts).extracting(ParkedAttempt::id).containsExactlyElementsOf(bad);
        assertThat(attempts).extracting(ParkedAttempt::attempts).containsExactly(1, 0, 0, 0);
        assertThat(attempts).allSatisfy(attempt -> {
            assertThat(attempt.orderingKey()).isEqualTo("bad");
            assertThat(attempt.shard()).isEqualTo(keys.get(0).shard());
            assertThat(attempt.event().orElseThrow().event().id()).isEqualTo(attempt.id());
        });
        assertThat(member.parked(keys, 2).attempts())
                .extracting(ParkedAttempt::id)
                .containsExactlyElementsOf(bad.subList(0, 2));
        assertThat(member.next(10, MUCH)).as("all the rest is published").isEmpty();
        member.leave();
        RelayMember heir = member(relay);
        assertThat(heir.next(10, MUCH)).isEmpty();
        assertThat(heir.parkedKeys()).extracting(ParkedKey::orderingKey).containsExactly("bad");
    }

    @Test
    @DisplayName("is due at once if it was to be")
    void whatIsDueIsTold() {
        RelayMember member = member(newRelay());
        emit("now", 1);
        park(member, "now", Duration.ZERO);
        assertThat(member.parkedKeys())
                .singleElement()
                .satisfies(key -> assertThat(key.dueIn()).isLessThanOrEqualTo(Duration.ZERO));
    }

    @Test
    @DisplayName("is settled: published, tried again, or given up")
    void parkedEventsAreSettled() {
        String relay = newRelay();
        RelayMember member = member(relay);
        List<UUID> ids = emit("bad", 3);
        park(member, "bad", Duration.ZERO);
        member.settle(List.of(new Settlement.Failed(ids.get(0), 2, HOUR, "still not")));
        List<ParkedKey> keys = member.parkedKeys();
        assertThat(keys)
                .singleElement()
                .satisfies(key -> assertThat(key.dueIn()).isBetween(Duration.ofMinutes(58), HOUR));
        assertThat(member.parked(keys, 10).attempts())
                .extracting(ParkedAttempt::attempts)
                .containsExactly(2, 0, 0);

        member.settle(List.of(new Settlement.Published(ids.get(0)), new Settlement.Dead(ids.get(1), 10, "given up")));
        assertThat(member.parked(keys, 10).attempts())
                .extracting(ParkedAttempt::id)
                .containsExactly(ids.get(2));
        assertThat(deadLetters(relay)).singleElement().satisfies(letter -> {
            assertThat(letter.relay()).isEqualTo(relay);
            assertThat(letter.eventId()).isEqualTo(ids.get(1));
            assertThat(letter.attempts()).isEqualTo(10);
            assertThat(letter.error()).contains("given up");
            assertThat(letter.topic()).contains("t");
        });
        member.settle(List.of(new Settlement.Published(ids.get(2))));
        assertThat(member.parkedKeys()).isEmpty();
        member.settle(List.of(new Settlement.Published(ids.get(2))));
        member.settle(List.of());
    }

    @Test
    @DisplayName("becomes a dead letter at once if it is never to be tried again")
    void whatIsNeverTriedAgainIsADeadLetter() {
        String relay = newRelay();
        RelayMember member = member(relay);
        UUID id = emit("bad", 1).get(0);
        OutboxBatch batch = member.next(10, MUCH).orElseThrow();
        Unpublished dead = new Unpublished(batch.events().get(0), 3, Optional.empty(), Optional.of("never"));
        assertThat(member.acknowledge(batch, List.of(dead))).isEqualTo(Acknowledgement.NOTED);
        assertThat(member.parkedKeys()).isEmpty();
        assertThat(deadLetters(relay)).singleElement().satisfies(letter -> {
            assertThat(letter.eventId()).isEqualTo(id);
            assertThat(letter.attempts()).isEqualTo(3);
            assertThat(letter.error()).contains("never");
        });
    }

    @Test
    @DisplayName("is settled only by the member whose shard it is in")
    void whoHasLostTheShardSettlesNothing() {
        String relay = newRelay();
        RelayMember first = member(relay);
        List<UUID> ids = emit("bad", 2);
        park(first, "bad", HOUR);
        first.leave();
        RelayMember second = member(relay);
        first.settle(List.of(new Settlement.Published(ids.get(0)), new Settlement.Dead(ids.get(1), 2, "no")));
        assertThat(second.parked(second.parkedKeys(), 10).attempts())
                .extracting(ParkedAttempt::id)
                .containsExactlyElementsOf(ids);
        assertThat(first.parkedKeys()).as("in shards of others").isEmpty();
        assertThat(deadLetters(relay)).isEmpty();
    }

    @Test
    @DisplayName("is not parked by an acknowledgement that is refused")
    void aRefusedAcknowledgementParksNothing() {
        String relay = newRelay();
        RelayMember slow = log().join(relay, "slow", Duration.ofSeconds(1), EventSource.PRIMARY);
        slow.keep(0);
        emit("k", 2);
        OutboxBatch batch = slow.next(10, MUCH).orElseThrow();
        RelayMember next = log().join(relay, "next", HOUR, EventSource.PRIMARY);
        await("the lease is over and the other has all", () -> next.keep(0).shards() == OutboxLog.SHARDS);
        List<Unpublished> exceptions = List.of(
                new Unpublished(batch.events().get(0), 1, Optional.of(HOUR), Optional.of("no")),
                new Unpublished(batch.events().get(1), 1, Optional.empty(), Optional.of("no")));
        assertThat(slow.acknowledge(batch, exceptions)).isEqualTo(Acknowledgement.FENCED);
        assertThat(next.parkedKeys()).isEmpty();
        assertThat(deadLetters(relay)).isEmpty();
        assertThat(next.next(10, MUCH).orElseThrow().events()).isEqualTo(batch.events());
    }

    @Test
    @DisplayName("is listed: what is parked from the oldest, what is dead from the newest, and counts as published")
    void unpublishedEventsAreListed() {
        String relay = newRelay();
        RelayMember member = member(relay);
        List<UUID> parked = emit("bad", 5);
        List<UUID> dead = emit("dead", 5);
        OutboxBatch batch = member.next(100, MUCH).orElseThrow();
        assertThat(batch.events()).hasSize(10);
        List<Unpublished> exceptions = new ArrayList<>();
        for (ShardedEvent event : batch.events()) {
            boolean again = event.orderingKey().equals("bad");
            exceptions.add(new Unpublished(
                    event, 2, again ? Optional.of(HOUR) : Optional.empty(), Optional.of("refused " + event.shard())));
        }
        assertThat(member.acknowledge(batch, exceptions)).isEqualTo(Acknowledgement.NOTED);
        for (int size : new int[] {1, 4, 5, 6}) {
            assertThat(pages(page -> outbox().parked(relay, page).value(), size))
                    .extracting(ParkedEvent::eventId)
                    .containsExactlyElementsOf(parked);
            List<UUID> letters = new ArrayList<>(pages(
                            page -> outbox().deadLetters(relay, page).value(), size)
                    .stream()
                    .map(DeadLetter::eventId)
                    .toList());
            Collections.reverse(letters);
            assertThat(letters).containsExactlyElementsOf(dead);
        }
        ParkedEvent one =
                outbox().parked(relay, PageRequest.first(1)).value().items().get(0);
        assertThat(one.relay()).isEqualTo(relay);
        assertThat(one.topic()).contains("t");
        assertThat(one.orderingKey()).isEqualTo("bad");
        assertThat(one.attempts()).isEqualTo(2);
        assertThat(Duration.between(one.parkedAt(), one.nextAttemptAt()))
                .isBetween(Duration.ofMinutes(58), HOUR.plusMinutes(1));
        assertThat(one.error()).hasValueSatisfying(error -> assertThat(error).startsWith("refused"));
        OutboxDepth depth = outbox().depth().value().stream()
                .filter(each -> each.relay().equals(Optional.of(relay)))
                .findFirst()
                .orElseThrow();
        assertThat(depth.unpublished()).isZero();
        assertThat(depth.parked()).isEqualTo(5);
        assertThat(depth.deadLetters()).isEqualTo(5);
        assertThat(outbox().parked(newName(), PageRequest.first(5)).value().items())
                .isEmpty();
        assertThat(outbox().deadLetters(newName(), PageRequest.first(5)).value().items())
                .isEmpty();
        PageRequest other =
                outbox().parked(relay, PageRequest.first(1)).value().next().orElseThrow();
        refuses(() -> outbox().deadLetters(relay, other));
    }

    private String newRelay() {
        String relay = newName();
        assertThat(log().register(relay, RelayStart.now())).isTrue();
        return relay;
    }

    /** A member that has all shards. */
    private RelayMember member(String relay) {
        RelayMember member = log().join(relay, "member", HOUR, EventSource.PRIMARY);
        assertThat(member.keep(0).shards()).isEqualTo(OutboxLog.SHARDS);
        return member;
    }

    private List<UUID> emit(String key, int number) {
        List<OutboxEvent> events = IntStream.range(0, number)
                .mapToObj(i -> OutboxEvent.to("t").key(key))
                .toList();
        writes().emit(events);
        return events.stream().map(OutboxEvent::id).toList();
    }

    /** Acknowledges all that there is, but for a key, whose first event was tried and whose others wait behind it. */
    private static void park(RelayMember member, String key, Duration retryIn) {
        Optional<OutboxBatch> next = member.next(100, MUCH);
        boolean tried = false;
        while (next.isPresent()) {
            List<Unpublished> exceptions = new ArrayList<>();
            for (ShardedEvent event : next.get().events()) {
                if (event.orderingKey().equals(key)) {
                    exceptions.add(new Unpublished(
                            event,
                            tried ? 0 : 1,
                            Optional.of(retryIn),
                            tried ? Optional.empty() : Optional.of("refused")));
                    tried = true;
                }
            }
            assertThat(member.acknowledge(next.get(), exceptions)).isEqualTo(Acknowledgement.NOTED);
            next = member.next(100, MUCH);
        }
        assertThat(tried).isTrue();
    }

    private List<DeadLetter> deadLetters(String relay) {
        return pages(page -> outbox().deadLetters(relay, page).value(), 100);
    }
}
