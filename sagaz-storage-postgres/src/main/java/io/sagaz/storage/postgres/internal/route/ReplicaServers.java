package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.OnStale;
import io.sagaz.storage.ReadConsistency;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas that were met, and which of them each connection leads to. Safe for threads.
 *
 * <p>Which server a connection of the read pool leads to is not to be seen from outside a pooler; the server is asked
 * once for each physical connection, which in session pooling stays with it.
 */
final class ReplicaServers {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaServers.class);
    /** What is said when nothing tells how long it may take. */
    private static final Duration USUAL_RETRY = Duration.ofSeconds(1);

    private static final Duration MARGIN = Duration.ofMillis(100);

    private static final long SHORTEST_RETRY = Duration.ofMillis(100).toNanos();
    private static final long LONGEST_RETRY = Duration.ofMinutes(1).toNanos();

    private final LongSupplier cluster;
    private final SampleRing ring;
    private final BiConsumer<String, ToDoubleFunction<String>> serverSeen;
    private final Map<PGConnection, ReplicaServer> connections = Collections.synchronizedMap(new WeakHashMap<>());
    private final Map<ServerId, ReplicaServer> servers = new ConcurrentHashMap<>();
    private final Set<String> announced = ConcurrentHashMap.newKeySet();

    /**
     * Replicas of a primary.
     *
     * @param cluster the system identifier of that, which may become another
     * @param serverSeen told the name of each server when it is first seen, and how to learn its bound
     */
    ReplicaServers(LongSupplier cluster, SampleRing ring, BiConsumer<String, ToDoubleFunction<String>> serverSeen) {
        this.cluster = cluster;
        this.ring = ring;
        this.serverSeen = serverSeen;
    }

    /** All that are known, each in the life in which it was met last. */
    Collection<ReplicaServer> all() {
        return List.copyOf(servers.values());
    }

    /** The server behind a connection, or null if it is no replica of our primary. */
    @Nullable
    ReplicaServer behind(Connection connection) throws SQLException {
        PGConnection physical = connection.unwrap(PGConnection.class);
        ReplicaServer known = connections.get(physical);
        if (known != null) {
            return isOfOurs(known) ? known : null;
        }
        ReplicaServer server = register(ReplicaProbe.identify(connection));
        if (server != null) {
            connections.put(physical, server);
        }
        return server;
    }

    private boolean isOfOurs(ReplicaServer server) {
        ReplicaState state = server.state();
        if (state == null || state.history().systemIdentifier() == cluster.getAsLong()) {
            return true;
        }
        servers.values().remove(server);
        return false;
    }

    private @Nullable ReplicaServer register(ReplicaProbe.Identity answer) {
        ServerId id = answer.id();
        ReplicaState state = answer.state();
        if (state == null || state.history().systemIdentifier() != cluster.getAsLong()) {
            LOG.warn("{} in the read pool is not a replica of the primary; it gets no reads", id.name());
            return null;
        }
        ReplicaServer server = servers.computeIfAbsent(id, first -> new ReplicaServer(first, ring, state));
        // A first answer replaces what is known, though it be lower: the server may have gone back to an older state.
        server.answered(state);
        servers.keySet().removeIf(other -> other.name().equals(id.name()) && !other.equals(id));
        if (announced.add(id.name())) {
            serverSeen.accept(id.name(), this::stalenessSeconds);
        }
        return server;
    }

    /** How stale a read of this server could be if it were sent now. Never takes unknown for fine. */
    private double stalenessSeconds(String name) {
        long now = System.nanoTime();
        return servers.values().stream()
                .filter(server -> server.name().equals(name))
                .map(server -> server.staleness(now))
                .mapToDouble(bound -> bound.isPresent() ? bound.getAsLong() / 1e9 : Double.POSITIVE_INFINITY)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /**
     * Whether there is another server that may answer a read, as far as is known.
     *
     * @param wellPlaced whether only one counts that need not rest
     */
    boolean mayAnswerElsewhere(Demand demand, Set<ReplicaServer> examined, boolean wellPlaced, long now) {
        return servers.values().stream()
                .anyMatch(server -> !examined.contains(server)
                        && !server.breaker().isOpen()
                        && !(wellPlaced && server.placement().isResting())
                        && server.judge(demand, now).eligible());
    }

    /**
     * The freshness that so many servers have, if fewer have what is wanted and the caller accepts a limit: the load that the
     * others could not bear is not put on the few, nor on the primary.
     */
    ReadConsistency widened(ReadConsistency wanted, int minimum, long now) {
        if (minimum == 0 || !(wanted instanceof ReadConsistency.AtMost atMost) || atMost.onStale() == OnStale.FAIL) {
            return wanted;
        }
        long[] bounds = servers.values().stream()
                .filter(server -> !server.breaker().isOpen() && !server.isDiverged())
                .map(server -> server.staleness(now))
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .sorted()
                .limit(minimum)
                .toArray();
        if (bounds.length == 0 || bounds[bounds.length - 1] <= ReadRouter.nanos(atMost.staleness())) {
            return wanted;
        }
        // The bound goes on growing until the server is looked at.
        Duration allowed = Duration.ofNanos(bounds[bounds.length - 1]).plus(MARGIN);
        return allowed.compareTo(atMost.limit()) < 0
                ? ReadConsistency.atMost(allowed)
                : ReadConsistency.atMost(atMost.limit());
    }

    /** After what time it is worth asking again for what no replica could give, from how fast the replicas catch up. */
    Duration retryAfter(ReadConsistency wanted) {
        if (!(wanted instanceof ReadConsistency.AtMost atMost)) {
            return USUAL_RETRY;
        }
        long now = System.nanoTime();
        OptionalLong soonest = servers.values().stream()
                .map(server -> server.catchUp().nanosUntil(ReadRouter.nanos(atMost), now))
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .min();
        return soonest.isEmpty()
                ? USUAL_RETRY
                : Duration.ofNanos(Math.min(Math.max(soonest.getAsLong(), SHORTEST_RETRY), LONGEST_RETRY));
    }
}
