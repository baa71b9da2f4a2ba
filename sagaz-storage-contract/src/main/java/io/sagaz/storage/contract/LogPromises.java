package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayMember.Acknowledgement;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.log.ShardedEvent;
import io.sagaz.storage.log.Shares;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Everything that was emitted is read by a member, in the order of its key. */
abstract class LogPromises extends Promises {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long MUCH = 1L << 30;
    private static final int EMITTERS = 4;

    LogPromises(SagaStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("knows a relay once it is registered, and only then")
    void aRelayIsRegisteredOnce() {
        String relay = newName();
        RelayMember early = log().join(relay, "early", MINUTE, EventSource.PRIMARY);
        assertThatThrownBy(() -> early.keep(0)).isInstanceOf(PermanentStoreException.class);
        assertThat(log().depth(relay)).isEmpty();
        assertThat(log().register(relay, RelayStart.now())).isTrue();
        assertThat(log().register(relay, RelayStart.beginning())).isFalse();
        assertThat(early.keep(0).shards()).isEqualTo(OutboxLog.SHARDS);
    }

    @Test
    @DisplayName("gives a member every event once, as it was emitted and those of a key in their order")
    void everyEventIsReadOnceInTheOrderOfItsKey() {
        RelayMember member = member(newRelay());
        List<OutboxEvent> emitted = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            OutboxEvent event = OutboxEvent.to("t").key("k" + i % 7).json("" + i);
            emitted.add(event);
            writes().emit(List.of(event));
        }
        OutboxEvent ofSaga = OutboxEvent.to("t").type("Started").header("h", "v");
        SagaId saga = writes().start(NewSaga.named(newName()).emit(ofSaga)).id();

        List<ShardedEvent> read = new ArrayList<>();
        long number = 0;
        for (OutboxBatch batch : batches(member, 30)) {
            assertThat(batch.events()).hasSizeBetween(1, 30);
            assertThat(batch.number()).isGreaterThan(number);
            number = batch.number();
            assertThat(member.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.NOTED);
            read.addAll(batch.events());
        }
        assertThat(read).hasSize(201);
        for (int i = 0; i < 7; i++) {
            String key = "k" + i;
            assertThat(ids(read.stream()
                            .filter(event -> event.orderingKey().equals(key))
                            .toList()))
                    .containsExactlyElementsOf(emitted.stream()
                            .filter(event -> event.key().equals(Optional.of(key)))
                            .map(OutboxEvent::id)
                            .toList());
        }
        assertThat(read).allSatisfy(event -> assertThat(event.shard()).isBetween(0, OutboxLog.SHARDS - 1));
        Map<String, Integer> shards = new HashMap<>();
        read.forEach(event -> assertThat(shards.merge(event.orderingKey(), event.shard(), (old, now) -> now))
                .isEqualTo(event.shard()));
        ShardedEvent last = read.stream()
                .filter(event -> event.event().id().equals(ofSaga.id()))
                .findFirst()
                .orElseThrow();
        assertThat(last.event()).isEqualTo(events(saga).get(0));
        assertThat(last.orderingKey()).isEqualTo(saga.toString());
        assertThat(member.next(10, MUCH)).isEmpty();
    }

    @Test
    @DisplayName("goes on behind what was acknowledged, whoever reads next")
    void whatWasAcknowledgedIsNotReadAgain() {
        String relay = newRelay();
        List<UUID> emitted = emit(10);
        RelayMember first = member(relay);
        OutboxBatch batch = first.next(4, MUCH).orElseThrow();
        assertThat(batch.events()).hasSize(4);
        assertThat(first.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.NOTED);
        OutboxBatch lost = first.next(4, MUCH).orElseThrow();
        first.leave();

        RelayMember second = member(relay);
        List<ShardedEvent> rest = new ArrayList<>();
        for (OutboxBatch each : batches(second, 100)) {
            assertThat(second.acknowledge(each, List.of())).isEqualTo(Acknowledgement.NOTED);
            rest.addAll(each.events());
        }
        assertThat(ids(rest)).hasSize(6).containsAll(ids(lost.events()));
        List<UUID> all = new ArrayList<>(ids(batch.events()));
        all.addAll(ids(rest));
        assertThat(all).containsExactlyInAnyOrderElementsOf(emitted);
        second.leave();
        assertThat(member(relay).next(10, MUCH)).isEmpty();
    }

    @Test
    @DisplayName("gives batches ahead, which are acknowledged in their order")
    void batchesAreReadAhead() {
        String relay = newRelay();
        emit(30);
        RelayMember first = member(relay);
        List<OutboxBatch> batches = batches(first, 10);
        for (OutboxBatch batch : batches.subList(0, batches.size() - 1)) {
            assertThat(first.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.NOTED);
        }
        first.leave();
        assertThat(read(member(relay)))
                .extracting(event -> event.event().id())
                .containsExactlyInAnyOrderElementsOf(
                        ids(batches.get(batches.size() - 1).events()));
    }

    @Test
    @DisplayName("bounds a batch by the size of its payloads, and gives one event however large it is")
    void bytesBoundABatch() {
        RelayMember member = member(newRelay());
        byte[] large = new byte[200_000];
        writes().emit(IntStream.range(0, 6)
                .mapToObj(i -> OutboxEvent.to("t").bytes(large, "x/y"))
                .toList());
        List<OutboxBatch> batches = new ArrayList<>();
        Optional<OutboxBatch> next = member.next(100, 1);
        while (next.isPresent()) {
            batches.add(next.get());
            next = member.next(100, 1);
        }
        assertThat(batches)
                .hasSize(6)
                .allSatisfy(batch -> assertThat(batch.events()).hasSize(1));
    }

    @Test
    @DisplayName("begins for a new relay where it was told to")
    void aRelayBeginsWhereItWasTold() {
        List<UUID> before = emit(3);
        await("the clock goes on", () -> OutboxEvent.to("t").createdAt().isAfter(timeOf(before)));
        String fromBeginning = newName();
        log().register(fromBeginning, RelayStart.beginning());
        String fromNow = newName();
        log().register(fromNow, RelayStart.now());
        String fromTime = newName();
        String fromLater = newName();
        log().register(fromTime, RelayStart.at(timeOf(before)));
        log().register(fromLater, RelayStart.at(timeOf(before).plusMillis(1)));
        List<UUID> after = emit(3);

        assertThat(ids(read(member(fromBeginning)))).containsAll(before).containsAll(after);
        assertThat(ids(read(member(fromNow)))).containsExactlyInAnyOrderElementsOf(after);
        assertThat(ids(read(member(fromTime)))).contains(before.get(2)).containsAll(after);
        assertThat(ids(read(member(fromLater)))).containsExactlyInAnyOrderElementsOf(after);
    }

    /** The time in the last of some identifiers. */
    private static Instant timeOf(List<UUID> ids) {
        return new SagaId(ids.get(ids.size() - 1)).createdAt();
    }

    @Test
    @DisplayName("gives each relay all events")
    void relaysReadByThemselves() {
        String one = newRelay();
        String other = newRelay();
        List<UUID> emitted = emit(20);
        RelayMember member = member(one);
        batches(member, 10).forEach(batch -> member.acknowledge(batch, List.of()));
        assertThat(ids(read(member(other)))).containsExactlyInAnyOrderElementsOf(emitted);
    }

    @Test
    @DisplayName("shares the work between members, so that each event is read by one")
    void membersShareTheShards() {
        String relay = newRelay();
        RelayMember first = member(relay);
        RelayMember second = log().join(relay, "second", MINUTE, EventSource.PRIMARY);
        assertThat(second.keep(0).shards()).as("nothing is free").isZero();
        Shares all = first.keep(0);
        assertThat(all.members()).isEqualTo(2);
        assertThat(all.surplus()).isEqualTo(OutboxLog.SHARDS / 2);
        assertThat(first.keep(all.surplus()).shards()).isEqualTo(OutboxLog.SHARDS / 2);
        assertThat(second.keep(0).shards()).isEqualTo(OutboxLog.SHARDS / 2);
        assertThat(first.keep(0).surplus()).isZero();

        List<UUID> emitted = emit(200);
        List<ShardedEvent> ofFirst = read(first);
        List<ShardedEvent> ofSecond = read(second);
        List<UUID> both = new ArrayList<>(ids(ofFirst));
        both.addAll(ids(ofSecond));
        assertThat(both).containsExactlyInAnyOrderElementsOf(emitted);
        assertThat(ofFirst).isNotEmpty();
        assertThat(ofSecond).isNotEmpty();
        assertThat(ofFirst.stream().map(ShardedEvent::shard).distinct())
                .doesNotContainAnyElementsOf(
                        ofSecond.stream().map(ShardedEvent::shard).toList());
        first.leave();
        assertThat(second.keep(0).shards()).as("at once").isEqualTo(OutboxLog.SHARDS);
    }

    @Test
    @DisplayName("refuses the acknowledgement of one who has lost a shard, and gives its events to the other")
    void whoCameTooLateCannotAcknowledge() {
        String relay = newRelay();
        emit(20);
        RelayMember slow = log().join(relay, "slow", SECOND, EventSource.PRIMARY);
        slow.keep(0);
        OutboxBatch batch = slow.next(10, MUCH).orElseThrow();
        OutboxBatch ahead = slow.next(10, MUCH).orElseThrow();

        RelayMember next = log().join(relay, "next", MINUTE, EventSource.PRIMARY);
        await("the lease is over and the other has all", () -> next.keep(0).shards() == OutboxLog.SHARDS);
        assertThat(slow.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.FENCED);
        assertThat(slow.acknowledge(ahead, List.of())).as("void as well").isNotEqualTo(Acknowledgement.NOTED);
        List<OutboxBatch> again = batches(next, 100);
        assertThat(again.stream()
                        .flatMap(each -> each.events().stream())
                        .map(event -> event.event().id()))
                .containsExactlyInAnyOrderElementsOf(Stream.of(batch, ahead)
                        .flatMap(each -> ids(each.events()).stream())
                        .toList());
        again.forEach(each -> assertThat(next.acknowledge(each, List.of())).isEqualTo(Acknowledgement.NOTED));
        assertThat(slow.next(10, MUCH)).as("it has nothing any more").isEmpty();
    }

    @Test
    @DisplayName("loses no event that is emitted while it is read, and keeps the order of each key")
    void nothingIsLostOfWhatComesInMeanwhile() {
        RelayMember member = member(newRelay());
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Callable<Map<String, List<UUID>>> emitter = () -> {
            try {
                return emitOneByOne("emitter " + begun.incrementAndGet());
            } finally {
                ended.incrementAndGet();
            }
        };
        Callable<Map<String, List<UUID>>> reader = () -> {
            Map<String, List<UUID>> read = new HashMap<>();
            boolean over = false;
            while (!over) {
                over = ended.get() == EMITTERS; // Asked first: whatever is emitted by then is read now.
                for (OutboxBatch batch : batches(member, 9)) {
                    assertThat(member.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.NOTED);
                    batch.events()
                            .forEach(event -> read.computeIfAbsent(event.orderingKey(), key -> new ArrayList<>())
                                    .add(event.event().id()));
                }
            }
            return read;
        };
        List<Callable<Map<String, List<UUID>>>> calls = new ArrayList<>(Collections.nCopies(EMITTERS, emitter));
        calls.add(reader);
        List<Map<String, List<UUID>>> results = Together.run(calls);
        Map<String, List<UUID>> emitted = new HashMap<>();
        results.subList(0, EMITTERS).forEach(emitted::putAll);
        assertThat(results.get(EMITTERS)).isEqualTo(emitted);
    }

    private Map<String, List<UUID>> emitOneByOne(String key) {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            OutboxEvent event = OutboxEvent.to("t").key(key);
            ids.add(event.id());
            if (i % 3 == 0) {
                writes().start(NewSaga.named(newName()).steps("a").emit(event));
            } else {
                writes().emit(List.of(event));
            }
        }
        return Map.of(key, ids);
    }

    @Test
    @DisplayName("calls a listener when events were emitted, until it is closed")
    void listenersAreCalled() {
        AtomicInteger calls = new AtomicInteger();
        OutboxLog.Listening listening = log().onAppend(calls::incrementAndGet);
        emit(1);
        await("it is called", () -> calls.get() > 0);
        int before = calls.get();
        writes().start(NewSaga.named(newName()).emit(OutboxEvent.to("t")));
        await("it is called again", () -> calls.get() > before);
        listening.close();
        listening.close();
        int after = calls.get();
        emit(1);
        assertThat(calls).hasValue(after);
    }

    @Test
    @DisplayName("tells how far a relay is behind")
    void depthIsTold() {
        String relay = newRelay();
        assertThat(depth(relay, 0).oldest()).isEmpty();
        emit(5);
        OutboxDepth five = depth(relay, 5);
        assertThat(five.relay()).contains(relay);
        assertThat(five.atMost()).isGreaterThanOrEqualTo(5);
        assertThat(five.oldest()).isPresent();
        RelayMember member = member(relay);
        OutboxBatch batch = member.next(3, MUCH).orElseThrow();
        assertThat(batch.events()).hasSize(3);
        assertThat(member.acknowledge(batch, List.of())).isEqualTo(Acknowledgement.NOTED);
        depth(relay, 2);
        batches(member, 10).forEach(each -> member.acknowledge(each, List.of()));
        OutboxDepth none = depth(relay, 0);
        assertThat(none.oldest()).isEmpty();
        assertThat(none.lastSeenAt()).isPresent();
    }

    /** It may be told a few seconds late. */
    private OutboxDepth depth(String relay, long unpublished) {
        List<OutboxDepth> told = new ArrayList<>();
        await(
                unpublished + " events are not published",
                () -> log().depth(relay)
                        .filter(depth -> depth.unpublished() == unpublished)
                        .map(told::add)
                        .isPresent());
        return told.get(0);
    }

    @Test
    @DisplayName("refuses bad names, leases and the like")
    @SuppressWarnings("NullAway") // What must not be null is.
    void badArgumentsAreRefused() {
        OutboxLog log = log();
        refuses(() -> log.register(null, RelayStart.now()));
        refuses(() -> log.register(" ", RelayStart.now()));
        refuses(() -> log.register("n".repeat(256), RelayStart.now()));
        refuses(() -> log.register("r", null));
        refuses(() -> log.join(null, "i", MINUTE, EventSource.PRIMARY));
        refuses(() -> log.join("r", null, MINUTE, EventSource.PRIMARY));
        refuses(() -> log.join("r", "i", null, EventSource.PRIMARY));
        refuses(() -> log.join("r", "i", SECOND.minusMillis(1), EventSource.PRIMARY));
        refuses(() -> log.join("r", "i", MINUTE.multipliedBy(61), EventSource.PRIMARY));
        refuses(() -> log.join("r", "i", MINUTE, null));
        refuses(() -> log.depth(null));
        refuses(() -> log.onAppend(null));
    }

    private String newRelay() {
        String relay = newName();
        assertThat(log().register(relay, RelayStart.now())).isTrue();
        return relay;
    }

    /** A member that has all shards. */
    private RelayMember member(String relay) {
        RelayMember member = log().join(relay, "member", MINUTE, EventSource.PRIMARY);
        assertThat(member.keep(0).shards()).isEqualTo(OutboxLog.SHARDS);
        return member;
    }

    /** Emits events of keys of their own. */
    private List<UUID> emit(int number) {
        List<OutboxEvent> events = IntStream.range(0, number)
                .mapToObj(i -> OutboxEvent.to("t").json("" + i))
                .toList();
        writes().emit(events);
        return events.stream().map(OutboxEvent::id).toList();
    }

    /** All batches that there are now. */
    private static List<OutboxBatch> batches(RelayMember member, int events) {
        List<OutboxBatch> batches = new ArrayList<>();
        Optional<OutboxBatch> next = member.next(events, MUCH);
        while (next.isPresent()) {
            batches.add(next.get());
            next = member.next(events, MUCH);
        }
        return batches;
    }

    private static List<ShardedEvent> read(RelayMember member) {
        return batches(member, 100).stream()
                .flatMap(batch -> batch.events().stream())
                .toList();
    }

    private static List<UUID> ids(List<ShardedEvent> events) {
        return events.stream().map(ShardedEvent::event).map(StoredEvent::id).toList();
    }
}
