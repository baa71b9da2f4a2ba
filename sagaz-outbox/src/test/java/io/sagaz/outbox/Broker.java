package io.sagaz.outbox;

import io.sagaz.storage.EventPayload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** A broker of the test's own: keeps what it was given, can be down, refuse, and keep its answers back. Safe for threads. */
final class Broker implements EventPublisher {
    /** An event that has arrived. */
    record Arrival(UUID id, String key, int number) {}

    private final List<Arrival> arrivals = new ArrayList<>();
    private final Map<Integer, Integer> tries = new HashMap<>();
    private final List<CompletableFuture<Void>> heldBack = new ArrayList<>();
    private Predicate<Arrival> refused = any -> false;
    private boolean down;
    private boolean holding;

    @Override
    public synchronized CompletionStage<Void> publish(OutgoingEvent outgoing) {
        Arrival arrival = new Arrival(
                outgoing.event().id(),
                outgoing.orderingKey(),
                Integer.parseInt(json(outgoing).replaceAll("\\D", "")));
        tries.merge(arrival.number, 1, Integer::sum);
        if (down) {
            return CompletableFuture.failedFuture(new BrokerUnavailableException("down", null));
        }
        if (refused.test(arrival)) {
            throw new IllegalArgumentException("number " + arrival.number + " is refused");
        }
        arrivals.add(arrival);
        if (holding) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            heldBack.add(answer);
            return answer;
        }
        return CompletableFuture.completedFuture(null);
    }

    private static String json(OutgoingEvent outgoing) {
        return ((EventPayload.Json) outgoing.event().payload()).text();
    }

    synchronized void down(boolean now) {
        down = now;
    }

    synchronized void refuse(Predicate<Arrival> which) {
        refused = which;
    }

    /** Answers are kept back from now on, or let go. */
    void hold(boolean now) {
        List<CompletableFuture<Void>> go;
        synchronized (this) {
            holding = now;
            go = now ? List.of() : List.copyOf(heldBack);
            if (!now) {
                heldBack.clear();
            }
        }
        go.forEach(answer -> answer.complete(null));
    }

    synchronized int tries(int number) {
        return tries.getOrDefault(number, 0);
    }

    synchronized List<Arrival> arrivals() {
        return List.copyOf(arrivals);
    }

    synchronized int size() {
        return arrivals.size();
    }

    /** The numbers that arrived of a key, in their order, each where it came first. */
    synchronized List<Integer> numbers(String key) {
        return arrivals.stream()
                .filter(arrival -> arrival.key.equals(key))
                .map(Arrival::number)
                .distinct()
                .toList();
    }

    /** The number that arrived last, or 0. */
    synchronized int last() {
        return arrivals.isEmpty() ? 0 : arrivals.get(arrivals.size() - 1).number;
    }

    synchronized boolean has(int number) {
        return arrivals.stream().anyMatch(arrival -> arrival.number == number);
    }
}
