package io.sagaz.outbox;

import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Ledger;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the tests of relays stand on: one topology, and a schema of its own for each that asks. */
final class RelayStand implements AutoCloseable {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static @Nullable Topology shared;

    private final Topology topology;
    private final String schema = "r" + SCHEMAS.incrementAndGet();
    private final RoutingSagaStore store;

    private RelayStand(Topology topology, boolean notify) {
        this.topology = topology;
        RoutingSagaStore.Builder builder = storeOn(topology, schema);
        store = (notify ? builder.notifyRelays() : builder).build();
    }

    /** A stand on the topology that all share. */
    static RelayStand open() {
        return new RelayStand(shared(), false);
    }

    /** The same; its store tells relays of events. */
    static RelayStand notifying() {
        return new RelayStand(shared(), true);
    }

    /** A stand on a topology of a test's own, which breaks it. */
    static RelayStand on(Topology topology) {
        return new RelayStand(topology, false);
    }

    private static synchronized Topology shared() {
        if (shared == null) {
            shared = Topology.builder().replicas(1).start();
        }
        return shared;
    }

    static RoutingSagaStore.Builder storeOn(Topology topology, String schema) {
        return RoutingSagaStore.builder()
                .write(PoolConfig.of(
                        topology.rwUrl(), topology.app().user(), topology.app().password()))
                .read(PoolConfig.of(
                        topology.roUrl(),
                        topology.reader().user(),
                        topology.reader().password()))
                .direct(PoolConfig.of(
                        topology.primaryUrl(),
                        topology.owner().user(),
                        topology.owner().password()))
                .schema(schema);
    }

    Topology topology() {
        return topology;
    }

    String schema() {
        return schema;
    }

    RoutingSagaStore store() {
        return store;
    }

    OutboxRelay.Builder relay(EventPublisher publisher) {
        return OutboxRelay.builder(store.outboxLog()).publisher(publisher);
    }

    /** Emits an event that says a number, with a key. */
    void emit(String key, int number) {
        store.emit(List.of(event(key, number)));
    }

    static OutboxEvent event(String key, int number) {
        return OutboxEvent.to("orders").key(key).json("{}").header(Numbers.HEADER, Integer.toString(number));
    }

    /** A broker that takes everything and notes its arrival. */
    static EventPublisher noting(Ledger ledger) {
        return outgoing -> {
            ledger.arrive(outgoing.orderingKey(), Numbers.of(outgoing));
            return CompletableFuture.completedFuture(null);
        };
    }

    /** A connection of the service, through the pooler, whose transactions name the tables of this stand. */
    Connection connect() throws SQLException {
        return topology.connect(topology.rwUrl(), topology.app());
    }

    void sql(String statement) throws SQLException {
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.owner());
                PreparedStatement prepared = connection.prepareStatement(statement.replace("{s}", schema))) {
            prepared.execute();
        }
    }

    long count(String query) throws SQLException {
        return Long.parseLong(texts("SELECT (" + query + ")::text").get(0));
    }

    List<String> texts(String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.owner());
                PreparedStatement statement = connection.prepareStatement(query.replace("{s}", schema));
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }

    @Override
    public void close() {
        store.close();
    }
}
