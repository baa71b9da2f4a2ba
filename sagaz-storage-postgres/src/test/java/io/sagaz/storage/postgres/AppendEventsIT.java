package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.EventPayload;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.StoredEvent;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Events of clients in any language, in their own transaction, with a role that is a writer and no more. */
class AppendEventsIT {
    private static final Pattern BLOCK =
            Pattern.compile("^```sql name=(\\S+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Credentials SHOP = new Credentials("shop", "shop-secret");

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void anyClientAppendsEvents(int postgres) throws Exception {
        try (Topology topology =
                        Topology.builder().replicas(1).postgres(postgres).start();
                RoutingSagaStore store = Stand.on(topology)
                        .partitions(PartitionPolicy.leftToOthers())
                        .build()) {
            try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser())) {
                execute(superuser, "CREATE ROLE shop LOGIN PASSWORD 'shop-secret'");
                execute(superuser, "GRANT CONNECT ON DATABASE " + topology.database() + " TO shop");
            }
            try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                    Connection shop = topology.connect(topology.primaryUrl(), SHOP)) {
                assertThat(failure(shop, "SELECT append_saga_event('orders', '{}')")
                                .getSQLState())
                        .as("without the right, or one to the schema")
                        .isIn("42501", "42883");
                execute(owner, "SELECT grant_sagaz_writer('shop')");
                one(shop, store);
                several(shop, store);
                withTheCallersTransaction(shop);
                asTheStoreDoes(shop, store);
                errors(shop);
                asThePageSays(shop);
            }
        }
    }

    private static void asThePageSays(Connection shop) throws Exception {
        Matcher block = BLOCK.matcher(Sample.page("docs/outbox/events-from-sql.md"));
        List<String> ids = new ArrayList<>();
        while (block.find()) {
            for (String statement :
                    Pattern.compile(";\n").splitAsStream(block.group(2)).toList()) {
                ids.addAll(values(shop, statement));
            }
        }
        assertThat(ids).hasSize(4).doesNotHaveDuplicates();
    }

    private static void one(Connection shop, RoutingSagaStore store) throws SQLException {
        SagaId saga = SagaId.next();
        UUID own = SagaId.next().value();
        StoredEvent bare = stored(store, value(shop, "SELECT append_saga_event('orders', '{\"order\": 42}')"));
        assertThat(bare.topic()).isEqualTo("orders");
        assertThat(bare.payload()).isEqualTo(new EventPayload.Json("{\"order\": 42}"));
        assertThat(bare.key()).contains(bare.id().toString());
        assertThat(bare.type()).isEmpty();
        assertThat(bare.headers()).isEmpty();
        assertThat(bare.saga()).isEmpty();

        StoredEvent full = stored(
                store,
                value(
                        shop,
                        "SELECT append_saga_event('orders', '[1]', key => '42', type => 'OrderPlaced',"
                                + " headers => '{\"tenant\": \"7\"}', saga_id => '" + saga + "', event_id => '" + own
                                + "')"));
        assertThat(full.id()).isEqualTo(own);
        assertThat(full.key()).contains("42");
        assertThat(full.type()).contains("OrderPlaced");
        assertThat(full.headers()).isEqualTo(Map.of("tenant", "7"));
        assertThat(full.saga()).contains(saga);
        assertThat(stored(
                                store,
                                value(
                                        shop,
                                        "SELECT append_saga_event('t', 'null', saga_id => '" + saga
                                                + "', headers => NULL)"))
                        .key())
                .as("of a saga that is its key")
                .contains(saga.toString());
        assertThat(failure(shop, "SELECT append_saga_event('t', '{}', event_id => '" + own + "')")
                        .getSQLState())
                .isEqualTo("23505");
        // As a driver sends it that names no types.
        try (var statement = shop.prepareStatement("SELECT append_saga_event(?, ?::jsonb, key => ?)")) {
            statement.setString(1, "orders");
            statement.setString(2, "{}");
            statement.setString(3, null);
            try (ResultSet row = statement.executeQuery()) {
                assertThat(row.next()).isTrue();
            }
        }
    }

    private static void several(Connection shop, RoutingSagaStore store) throws SQLException {
        SagaId saga = SagaId.next();
        UUID own = SagaId.next().value();
        List<String> ids = values(shop, """
                SELECT append_saga_events('[
                    {"topic": "a", "payload": {"n": 1}, "key": "k"},
                    {"topic": "b", "payload": null, "type": "B", "sagaId": "%s", "headers": {"h": "v"}},
                    {"topic": "c", "bytes": "AAEC", "contentType": "application/avro", "id": "%s"},
                    {"topic": "d", "payload": 0, "key": null, "headers": null, "bytes": null}]')
                """.formatted(saga.toString().toUpperCase(java.util.Locale.ROOT), own));
        assertThat(ids).hasSize(4).doesNotHaveDuplicates();
        List<StoredEvent> events = ids.stream().map(id -> stored(store, id)).toList();
        assertThat(events).extracting(StoredEvent::topic).containsExactly("a", "b", "c", "d");
        assertThat(events).extracting(StoredEvent::number).isSorted();
        assertThat(events.get(1).payload()).isEqualTo(new EventPayload.Json("null"));
        assertThat(events.get(1).saga()).contains(saga);
        assertThat(events.get(1).key()).contains(saga.toString());
        assertThat(events.get(1).headers()).isEqualTo(Map.of("h", "v"));
        assertThat(events.get(2).id()).isEqualTo(own);
        assertThat(events.get(2).payload()).isEqualTo(new EventPayload.Bytes(new byte[] {0, 1, 2}, "application/avro"));
        assertThat(values(shop, "SELECT append_saga_events('[]')")).isEmpty();

        List<String> many = values(
                shop,
                "SELECT append_saga_events(jsonb_agg(jsonb_build_object('topic', 't' || n, 'payload', n) ORDER BY n))"
                        + " FROM generate_series(1, 500) n");
        assertThat(values(shop, "SELECT topic FROM saga_outbox WHERE topic LIKE 't_%' AND topic <> 't' ORDER BY seq"))
                .as("in their order")
                .hasSize(500)
                .startsWith("t1", "t2", "t3")
                .endsWith("t500");
        assertThat(stored(store, many.get(41)).topic()).isEqualTo("t42");
    }

    private static void withTheCallersTransaction(Connection shop) throws SQLException {
        long before = Long.parseLong(value(shop, "SELECT count(*) FROM saga_outbox"));
        shop.setAutoCommit(false);
        execute(shop, "SET LOCAL synchronous_commit = off");
        execute(shop, "SELECT append_saga_event('t', '{}')");
        assertThat(value(shop, "SHOW synchronous_commit"))
                .as("an event is durable when its commit is acknowledged")
                .isEqualTo("on");
        execute(shop, "SELECT append_saga_events('[{\"topic\": \"t\", \"payload\": 1}]')");
        shop.rollback();
        shop.setAutoCommit(true);
        assertThat(Long.parseLong(value(shop, "SELECT count(*) FROM saga_outbox")))
                .isEqualTo(before);
        assertThat(failure(
                                shop,
                                "SELECT append_saga_events('[{\"topic\": \"t\", \"payload\": 1}, {\"topic\": \" \","
                                        + " \"payload\": 1}]')")
                        .getSQLState())
                .isEqualTo("22023");
        assertThat(Long.parseLong(value(shop, "SELECT count(*) FROM saga_outbox")))
                .as("all of them or none")
                .isEqualTo(before);
    }

    /** Events of one key go in their order whoever appends them: same key, same shard. */
    private static void asTheStoreDoes(Connection shop, RoutingSagaStore store) throws SQLException {
        OutboxEvent ours = OutboxEvent.to("t").key("the same");
        store.emit(List.of(ours));
        String theirs = value(shop, "SELECT append_saga_event('t', '{}', key => 'the same')");
        assertThat(values(
                        shop,
                        "SELECT DISTINCT shard || partition_key FROM saga_outbox WHERE event_id IN ('" + ours.id()
                                + "', '" + theirs + "')"))
                .hasSize(1);
    }

    private static void errors(Connection shop) throws SQLException {
        String old = "00000000-0000-7000-9b9e-e662bda42fc3";
        Object[][] cases = {
            {"append_saga_event(NULL, '{}')", "topic must not be NULL", "Give the topic"},
            {"append_saga_event(E' \\t', '{}')", "topic must not be blank, but is", "Give the topic"},
            {"append_saga_event(repeat('n', 256), '{}')", "topic must have at most 255 characters, but has 256", "topic"
            },
            {"append_saga_event('t', NULL)", "payload must not be NULL", "'{}'"},
            {"append_saga_event('t', '{}', key => '')", "key must not be blank, but is ''", "leave it out"},
            {"append_saga_event('t', '{}', type => ' ')", "type must not be blank, but is ' '", "Leave it out"},
            {"append_saga_event('t', '{}', headers => '[1]')", "headers must be a JSON object, but is array", "tenant"},
            {
                "append_saga_event('t', '{}', headers => '{\"a\": 1}')",
                "headers must be names and texts, but has \"a\": 1",
                "tenant"
            },
            {
                "append_saga_event('t', '{}', saga_id => '11111111-1111-4111-8111-111111111111')",
                "sagaId must be a UUID of version 7, but is '11111111-1111-4111-8111-111111111111'",
                "keep others in the payload"
            },
            {
                "append_saga_event('t', '{}', event_id => '11111111-1111-4111-8111-111111111111')",
                "id must be a UUID of version 7",
                "sagaz_uuid7(now())"
            },
            {
                "append_saga_event('t', '{}', event_id => '" + old + "')",
                "id must carry a time within a day of now, but " + old + " carries 1970-01-01T00:00:00",
                "clock"
            },
            {"append_saga_events(NULL)", "events must be a JSON array, but is NULL", "append_saga_event"},
            {"append_saga_events('{}')", "events must be a JSON array, but is object", "[{"},
            {"append_saga_events('[1]')", "events[0] must be a JSON object, but is number", "For example"},
            {
                "append_saga_events('[{\"topic\": \"t\", \"payLoad\": 1}]')",
                "events[0].payLoad is not known",
                "An event has: topic, payload"
            },
            {"append_saga_events('[{\"payload\": 1}]')", "events[0].topic must not be NULL", "Give the topic"},
            {
                "append_saga_events('[{\"topic\": \"t\", \"payload\": 1}, {\"topic\": 7, \"payload\": 1}]')",
                "events[1].topic must be a text, but is 7",
                "Give the topic"
            },
            {
                "append_saga_events('[{\"topic\": \"t\"}]')",
                "events[0].payload or events[0].bytes must be there, but there is neither",
                "base64"
            },
            {
                "append_saga_events('[{\"topic\": \"t\", \"payload\": 1, \"bytes\": \"AA==\", \"contentType\": \"a/b\"}]')",
                "but there is both",
                "base64"
            },
            {
                "append_saga_events('[{\"topic\": \"t\", \"bytes\": \"*\", \"contentType\": \"a/b\"}]')",
                "events[0].bytes must be a text in base64: ",
                "application/avro"
            },
            {
                "append_saga_events('[{\"topic\": \"t\", \"bytes\": \"AA==\"}]')",
                "events[0].bytes must come with contentType",
                "application/avro"
            },
            {
                "append_saga_events('[{\"topic\": \"t\", \"payload\": 1, \"contentType\": \"a/b\"}]')",
                "events[0].contentType must come with bytes, but is 'a/b' beside payload",
                "leave contentType out"
            },
            {
                "append_saga_events('[{\"topic\": \"t\", \"payload\": 1, \"sagaId\": \"x\"}]')",
                "events[0].sagaId must be a UUID of version 7, but is 'x'",
                "keep others in the payload"
            },
        };
        for (Object[] each : cases) {
            PSQLException failure = failure(shop, "SELECT " + each[0]);
            ServerErrorMessage said = failure.getServerErrorMessage();
            assertThat(said).isNotNull();
            assertThat(failure.getSQLState()).as("%s", each[0]).isEqualTo("22023");
            assertThat(said.getMessage()).as("%s", each[0]).contains((String) each[1]);
            assertThat(said.getHint()).as("%s", each[0]).contains((String) each[2]);
        }
    }

    private static StoredEvent stored(RoutingSagaStore store, String id) {
        return store.outboxAdmin().event(UUID.fromString(id)).orElseThrow();
    }

    private static PSQLException failure(Connection connection, String sql) {
        try {
            execute(connection, sql);
        } catch (SQLException e) {
            return (PSQLException) e;
        }
        throw new AssertionError("This did not fail: " + sql);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(Connection connection, String sql) throws SQLException {
        List<String> values = values(connection, sql);
        assertThat(values).hasSize(1);
        return values.get(0);
    }

    private static List<String> values(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        }
    }
}
