package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.PermanentStoreException;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.TcpProxy;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The faults of the reference deployment that lie in its library; those of its schema are in the migrations. */
class ReferenceFaultsIT {
    /** Columns that the schema lacks, statuses that its CHECKs refuse, and steps whose ids are no UUIDs. */
    @Test
    void x06TheLibraryWorksWithItsSchema() throws SQLException {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            SagaId id = store.start(NewSaga.named("order")
                            .steps("a", "b")
                            .idempotencyKey("order-1")
                            .emit(OutboxEvent.to("orders").key("1").type("Started")))
                    .id();
            assertThat(store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING).andStep("a", StepStatus.RUNNING)))
                    .isInstanceOf(ChangeResult.Applied.class);
            store.emit(List.of(OutboxEvent.to("orders").key("1")));
            assertThat(store.reads(ReadConsistency.strong()).find(id).value()).isPresent();

            for (String column : List.of("event_id", "saga_id", "topic", "partition_key", "payload", "headers")) {
                Stand.count("SELECT count(" + column + ") FROM " + schema + ".saga_outbox");
            }
            for (SagaStatus status : SagaStatus.values()) {
                Stand.run(
                        Stand.topology().primaryUrl(),
                        Stand.topology().app(),
                        "INSERT INTO " + schema + ".saga_executions (saga_name, status) VALUES ('x', '" + status
                                + "')");
            }
            assertThat(statuses(schema, "saga_steps_status_known"))
                    .isEqualTo(Stream.of(StepStatus.values())
                            .map(Enum::name)
                            .sorted()
                            .toList());
        }
    }

    /** Of 400 saves through its pooler 42 succeeded, of 400 events 51: the rest found no prepared statement. */
    @Test
    void x43ManyWriteThroughAPoolerOfTransactions() throws Exception {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store = RoutingSagaStore.builder()
                .write(Stand.write().maximumSize(16))
                .direct(Stand.direct())
                .schema(schema)
                .build()) {
            int callers = 16;
            int each = 25;
            List<Integer> done = Together.run(callers, () -> {
                int changes = 0;
                for (int i = 0; i < each; i++) {
                    SagaId id = store.start(NewSaga.named("order").steps("a")).id();
                    changes += (int) store.apply(
                                            id,
                                            1,
                                            SagaChange.to(SagaStatus.RUNNING).andStep("a", StepStatus.RUNNING))
                                    .appliedVersion()
                            - 1;
                    store.emit(List.of(OutboxEvent.to("orders")));
                }
                return changes;
            });
            assertThat(done).hasSize(callers).containsOnly(each);
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_executions WHERE status = 'RUNNING'"))
                    .isEqualTo((long) callers * each);
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".saga_outbox"))
                    .isEqualTo((long) callers * each);
        }
    }

    /** Its events were written beside the saga, and an event that failed was a line in a log. */
    @Test
    void x44SagaAndEventAreOneTransaction() throws SQLException {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            OutboxEvent there = OutboxEvent.to("there");
            store.emit(List.of(there));
            NewSaga saga = NewSaga.named("order").idempotencyKey("kept");
            store.start(saga);
            String before = rows(schema);

            // An event that cannot be emitted leaves no saga and no change.
            assertThatThrownBy(() -> store.start(NewSaga.named("order")
                            .steps("a")
                            .idempotencyKey("k")
                            .emit(OutboxEvent.to("new"))
                            .emit(there)))
                    .isInstanceOf(PermanentStoreException.class);
            assertThatThrownBy(() -> store.apply(
                            saga.id(), 1, SagaChange.to(SagaStatus.RUNNING).emit(there)))
                    .isInstanceOf(PermanentStoreException.class);
            assertThatThrownBy(() -> store.inTransaction(tx -> {
                        tx.start(NewSaga.named("order").idempotencyKey("k"));
                        tx.apply(saga.id(), 1, SagaChange.to(SagaStatus.RUNNING));
                        tx.emit(List.of(there));
                        return true;
                    }))
                    .isInstanceOf(PermanentStoreException.class);
            assertThat(rows(schema)).isEqualTo(before);

            // A saga that is not started or changed leaves no event.
            OutboxEvent never = OutboxEvent.to("never");
            assertThat(store.start(NewSaga.named("order").idempotencyKey("kept").emit(never)))
                    .isEqualTo(new StartResult.AlreadyStarted(saga.id()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            store.start(NewSaga.named("other").id(saga.id()).emit(never)));
            assertThat(store.apply(
                            saga.id(), 2, SagaChange.to(SagaStatus.RUNNING).emit(never)))
                    .isEqualTo(new ChangeResult.Conflict(1, SagaStatus.PENDING));
            assertThat(store.apply(
                            saga.id(), 1, SagaChange.to(SagaStatus.SUCCESS).emit(never)))
                    .isEqualTo(new ChangeResult.IllegalSagaChange(SagaStatus.PENDING, SagaStatus.SUCCESS));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.inTransaction(tx -> {
                        tx.emit(List.of(never));
                        tx.start(NewSaga.named("other").id(saga.id()));
                        return true;
                    }));
            assertThatThrownBy(() -> store.inTransaction(tx -> {
                        tx.emit(List.of(never));
                        return tx.apply(saga.id(), 2, SagaChange.to(SagaStatus.RUNNING))
                                .appliedVersion();
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Conflict");
            assertThat(rows(schema)).isEqualTo(before);

            // And both, if nothing is in the way.
            store.inTransaction(tx -> {
                tx.emit(List.of(never));
                return tx.apply(saga.id(), 1, SagaChange.to(SagaStatus.RUNNING)).appliedVersion();
            });
            assertThat(rows(schema)).isEqualTo("1 sagas of version 2, 1 keys, 2 entries, 2 events, 0 steps");
        }
    }

    /** One of six succeeded, and the pools of the others stayed open. */
    @Test
    void x45SixUseAnEmptyDatabaseAtOnce() throws Exception {
        Topology t = Stand.topology();
        String database = "empty_at_first";
        Stand.run(
                t.primaryUrl(),
                t.superuser(),
                "CREATE DATABASE " + database + " OWNER " + t.owner().user());
        int callers = 6;
        PoolConfig write = PoolConfig.of(
                        t.primaryUrl().replace("/" + t.database(), "/" + database),
                        t.owner().user(),
                        t.owner().password())
                .maximumSize(2);
        List<RoutingSagaStore> stores = Together.run(
                callers, () -> RoutingSagaStore.builder().write(write).build());
        try {
            List<StartResult> started = Together.run(stores.stream()
                    .map(store -> (Callable<StartResult>)
                            () -> store.start(NewSaga.named("order").steps("a")))
                    .toList());
            assertThat(started).hasSize(callers).hasOnlyElementsOfType(StartResult.Started.class);
            assertThat(stores.get(0)
                            .reads(ReadConsistency.strong())
                            .list(SagaFilter.all(), PageRequest.first(100))
                            .value()
                            .items())
                    .hasSize(callers);
            // What they migrated and maintained with is closed; each has its pool, and one that watches the primary.
            Await.until("only the pools are left", () -> backends(database) <= callers * 3L);
        } finally {
            stores.forEach(RoutingSagaStore::close);
        }
        Await.until("no backend is left", () -> backends(database) == 0);
    }

    /** A saga whose steps had begun could be read and not be written: a crash was its end. */
    @Test
    void x46ASagaWithTimesIsReadAndChangedAgain() {
        try (RoutingSagaStore store = Stand.store()) {
            SagaId id = store.start(NewSaga.named("order").steps("a", "b")).id();
            store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING).andStep("a", StepStatus.RUNNING));
            Saga read = store.reads(ReadConsistency.strong()).find(id).value().orElseThrow();
            Instant begun = read.steps().get(0).startedAt().orElseThrow();

            long version = store.apply(
                            id,
                            read.version(),
                            SagaChange.stepSucceeded("a", "{\"at\": \"" + begun + "\"}")
                                    .andStep("b", StepStatus.SUCCESS)
                                    .andTo(SagaStatus.SUCCESS))
                    .appliedVersion();

            Saga again = store.reads(ReadConsistency.strong()).find(id).value().orElseThrow();
            assertThat(again.version()).isEqualTo(version).isEqualTo(3);
            assertThat(again.status()).isEqualTo(SagaStatus.SUCCESS);
            assertThat(again.steps().get(0).startedAt()).contains(begun);
            assertThat(again.steps().get(0).completedAt()).isPresent();
            assertThat(again.steps().get(0).output()).contains("{\"at\": \"" + begun + "\"}");
            assertThat(again.summary().completedAt()).isPresent();
        }
    }

    /** Its way through all sagas ended with an error, which the caller took for an empty store. */
    @Test
    void x47PagesLeadThroughAllSagas() {
        try (RoutingSagaStore store = Stand.store()) {
            List<NewSaga> sagas = Stream.generate(() -> NewSaga.named("order").steps("a"))
                    .limit(53)
                    .toList();
            store.startAll(sagas);
            SagaReads reads = store.reads(ReadConsistency.strong());
            List<SagaId> seen = new ArrayList<>();
            Optional<PageRequest> page = Optional.of(PageRequest.first(10));
            while (page.isPresent()) {
                Page<SagaSummary> read =
                        reads.list(SagaFilter.all(), page.get()).value();
                read.items().forEach(saga -> seen.add(saga.id()));
                page = read.next();
            }
            assertThat(seen)
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(
                            sagas.stream().map(NewSaga::id).toList());
            assertThat(reads.countByStatus(SagaFilter.all()).value()).containsEntry(SagaStatus.PENDING, 53L);
        }
    }

    /** Times in a context, U+0000 and steps of one name were errors of the database, or of a serializer. */
    @Test
    void x48WhatCannotBeKeptIsToldBeforeAnythingIsSent() throws SQLException {
        String schema = Stand.newSchema();
        try (TcpProxy network = TcpProxy.to(Stand.topology().rwUrl());
                RoutingSagaStore store = RoutingSagaStore.builder()
                        .write(PoolConfig.of(
                                        network.url(),
                                        Stand.write().user(),
                                        Stand.write().password())
                                .maximumSize(1))
                        .direct(Stand.direct())
                        .schema(schema)
                        .build()) {
            String time = "{\"at\": \"2024-02-29T23:59:60Z\"}";
            SagaId id =
                    store.start(NewSaga.named("order").steps("a").context(time)).id();
            assertThat(store.reads(ReadConsistency.strong())
                            .find(id)
                            .value()
                            .orElseThrow()
                            .context())
                    .isEqualTo(time);

            network.refuse(true);
            network.cut();
            refused(
                    "NewSaga.context must be JSON",
                    () -> store.start(NewSaga.named("order").context("{\"at\": 2024-02-29T23:59:59Z}")));
            refused(
                    "NewSaga.context must not contain U+0000",
                    () -> store.start(NewSaga.named("order").context("{\"a\": \"\\u0000\"}")));
            refused(
                    "NewSaga.context must not contain U+0000",
                    () -> store.start(NewSaga.named("order").context("{\"\\u0000\": 1}")));
            refused("U+0000", () -> store.start(NewSaga.named("order").context("\"\u0000\"")));
            refused("SagaChange.error must not contain U+0000", () -> store.apply(id, 1, SagaChange.failed("\u0000")));
            refused(
                    "OutboxEvent.header h must not contain U+0000",
                    () -> store.emit(List.of(OutboxEvent.to("t").header("h", "\u0000"))));
            refused(
                    "OutboxEvent.payload for topic \"t\" must not contain U+0000",
                    () -> store.emit(List.of(OutboxEvent.to("t").json("\"\\u0000\""))));
            refused(
                    "AuditEntry.data of \"NOTE\" must not contain U+0000",
                    () -> store.annotate(id, AuditEntry.of("NOTE").json("[\"\\u0000\"]")));
            refused(
                    "NewSaga.steps must not name a step twice: \"a\"",
                    () -> NewSaga.named("order").steps("a", "b", "a"));
            refused(
                    "SagaChange.steps must not name a step twice: \"a\"",
                    () -> SagaChange.stepStarted("a").andStep("a", StepStatus.SUCCESS));
        }
        assertThat(rows(schema)).isEqualTo("1 sagas of version 1, 0 keys, 1 entries, 0 events, 1 steps");
    }

    private static void refused(String why, Runnable call) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContaining(why);
    }

    /** A worker whose claim was over wrote over that of the next, and what was sent became pending again. */
    @Test
    void x49WhoeverLostASagaWritesToItNoMore() throws SQLException {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            SagaId id = store.start(NewSaga.named("order").steps("a").lease(new Lease("first", Duration.ofMinutes(10))))
                    .id();
            ClaimRequest claim =
                    ClaimRequest.by("second", Duration.ofMinutes(10)).idleFor(Duration.ZERO);
            assertThat(store.claimAbandoned(claim)).as("while the lease holds").isEmpty();
            Stand.run(
                    Stand.topology().primaryUrl(),
                    Stand.topology().owner(),
                    "UPDATE " + schema + ".saga_executions SET lease_until = clock_timestamp() WHERE saga_id = '" + id
                            + "'");

            assertThat(store.claimAbandoned(claim))
                    .containsExactly(new ClaimedSaga(id, "order", SagaStatus.PENDING, 2, Optional.of("first")));

            for (SagaChange late : List.of(
                    SagaChange.failed("too late"),
                    SagaChange.to(SagaStatus.RUNNING).andStep("a", StepStatus.RUNNING),
                    SagaChange.renewed(new Lease("first", Duration.ofMinutes(10))))) {
                assertThat(store.apply(id, 1, late.emit(OutboxEvent.to("late"))))
                        .isEqualTo(new ChangeResult.Conflict(2, SagaStatus.PENDING));
            }
            assertThat(store.apply(id, 2, SagaChange.to(SagaStatus.RUNNING).andStep("a", StepStatus.SUCCESS)))
                    .isEqualTo(new ChangeResult.Applied(3, SagaStatus.RUNNING));
            assertThat(store.apply(id, 3, SagaChange.succeeded("1")))
                    .isEqualTo(new ChangeResult.Applied(4, SagaStatus.SUCCESS));

            for (SagaStatus back : SagaStatus.values()) {
                assertThat(store.apply(id, 4, SagaChange.to(back).emit(OutboxEvent.to("late"))))
                        .isEqualTo(new ChangeResult.IllegalSagaChange(SagaStatus.SUCCESS, back));
            }
            assertThat(store.apply(id, 4, SagaChange.renewed(new Lease("first", Duration.ofMinutes(10)))))
                    .isEqualTo(new ChangeResult.IllegalSagaChange(SagaStatus.SUCCESS, SagaStatus.SUCCESS));
            assertThat(store.claimAbandoned(claim))
                    .as("a saga that is finished")
                    .isEmpty();
            assertThat(rows(schema)).isEqualTo("1 sagas of version 4, 0 keys, 4 entries, 0 events, 1 steps");
            Saga saga = store.reads(ReadConsistency.strong()).find(id).value().orElseThrow();
            assertThat(saga.status()).isEqualTo(SagaStatus.SUCCESS);
            assertThat(saga.error()).isEmpty();
        }
    }

    /** The key of its inbox was the event alone: a second consumer of the same event was told "duplicate", and lost it. */
    @Test
    void x50EachConsumerHandlesTheEventOnce() throws SQLException {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store = Stand.builder(schema).build()) {
            InboxDelivery delivery = InboxDelivery.of(UUID.randomUUID()).topic("orders");
            List<String> handled = new ArrayList<>();
            for (int round = 0; round < 2; round++) {
                for (String consumer : List.of("billing", "shipping")) {
                    store.inbox(consumer).process(delivery, tx -> {
                        handled.add(consumer);
                        return Optional.empty();
                    });
                }
            }
            assertThat(handled).containsExactly("billing", "shipping");
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".consumer_inbox"))
                    .isEqualTo(2);
        }
    }

    /**
     * The row was committed before the handler ran: after an error the redelivery was taken for a duplicate, and the event was lost.
     * In a transaction of the caller's a duplicate was an error of the server, which ended it.
     */
    @Test
    void x51AnEventWhoseHandlerFailedIsHandledWhenItComesAgain() throws SQLException {
        String schema = Stand.newSchemaWith("effects (n integer)");
        try (RoutingSagaStore store = Stand.builder(schema).build();
                Connection theirs = Stand.topology()
                        .connect(Stand.topology().rwUrl(), Stand.topology().app())) {
            theirs.setAutoCommit(false);
            ConsumerInbox inbox = store.inbox("billing");
            for (boolean joined : new boolean[] {false, true}) {
                InboxDelivery delivery = InboxDelivery.of(UUID.randomUUID());
                InboxHandler<SQLException> handler = tx -> {
                    try (PreparedStatement insert =
                            tx.connection().prepareStatement("INSERT INTO " + schema + ".effects VALUES (1)")) {
                        insert.executeUpdate();
                    }
                    return Optional.of("7");
                };
                InboxHandler<SQLException> failing = tx -> {
                    handler.handle(tx);
                    throw new SQLException("no");
                };
                assertThatThrownBy(() -> process(inbox, joined ? theirs : null, delivery, failing))
                        .hasMessage("no");
                assertThat(Stand.count("SELECT count(*) FROM " + schema + ".consumer_inbox WHERE event_id = '"
                                + delivery.eventId() + "'"))
                        .isZero();

                assertThat(process(inbox, joined ? theirs : null, delivery, handler))
                        .isEqualTo(new InboxResult.Processed(Optional.of("7")));
                InboxResult again = process(inbox, joined ? theirs : null, delivery, failing);
                assertThat(again).isInstanceOf(InboxResult.Duplicate.class);
                assertThat(again.result()).contains("7");
            }
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".effects"))
                    .isEqualTo(2);
        }
    }

    /** As somebody does who swallows what the handler throws, and commits. */
    private static InboxResult process(
            ConsumerInbox inbox,
            @Nullable Connection connection,
            InboxDelivery delivery,
            InboxHandler<SQLException> handler)
            throws SQLException {
        if (connection == null) {
            return inbox.process(delivery, handler);
        }
        try {
            return inbox.process(connection, delivery, handler);
        } finally {
            connection.commit();
        }
    }

    /** Its cleanup put the number of days into the text of the statement. */
    @Test
    void x55HowLongTheInboxIsKeptIsANumberAndNeverAPartOfAStatement() throws SQLException {
        String schema = Stand.newSchema();
        try (RoutingSagaStore store =
                Stand.builder(schema).partitions(PartitionPolicy.leftToOthers()).build()) {
            store.inbox("billing").process(InboxDelivery.of(UUID.randomUUID()), tx -> Optional.empty());
            Stand.run(
                    Stand.topology().primaryUrl(),
                    Stand.topology().owner(),
                    "INSERT INTO " + schema + ".consumer_inbox (consumer_name, event_id, processed_at)"
                            + " SELECT 'c', gen_random_uuid(), now() - n * interval '1 day' - interval '1 hour'"
                            + " FROM generate_series(1, 99) n");
            String cleanup = "SELECT " + schema + ".cleanup_consumer_inbox(?)";
            try (Connection app = Stand.topology()
                            .connect(Stand.topology().rwUrl(), Stand.topology().app());
                    PreparedStatement statement = app.prepareStatement(cleanup)) {
                for (Object wrong : new Object[] {0, -1, 36501, "30 days'; DROP TABLE x; --", "30"}) {
                    statement.setObject(1, wrong);
                    assertThatThrownBy(statement::executeQuery).as("%s", wrong).isInstanceOf(SQLException.class);
                }
                statement.setObject(1, 30);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    assertThat(row.getLong(1)).isEqualTo(70);
                }
            }
            assertThat(Stand.count("SELECT count(*) FROM " + schema + ".consumer_inbox"))
                    .isEqualTo(30);
            assertThat(Stand.texts("SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = '" + schema
                            + "'::regnamespace AND prosrc ~ 'consumer_inbox' AND prosrc ~* '\\mEXECUTE\\s'"))
                    .as("functions that put a statement on the inbox together")
                    .isEmpty();
        }
    }

    /** What the tables of a schema hold. */
    private static String rows(String schema) throws SQLException {
        return Stand.texts("SELECT concat_ws(', ', (SELECT count(*) || ' sagas of version ' || sum(version) FROM "
                        + schema + ".saga_executions), (SELECT count(*) || ' keys' FROM " + schema
                        + ".saga_idempotency_keys), (SELECT count(*) || ' entries' FROM " + schema
                        + ".saga_audit_log), (SELECT count(*) || ' events' FROM " + schema
                        + ".saga_outbox), (SELECT count(*) || ' steps' FROM " + schema + ".saga_steps))")
                .get(0);
    }

    private static long backends(String database) throws SQLException {
        return Stand.count("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database
                + "' AND backend_type = 'client backend'");
    }

    private static List<String> statuses(String schema, String constraint) throws SQLException {
        return Stand.texts(
                "SELECT m[1] FROM pg_constraint, regexp_matches(pg_get_constraintdef(oid), '''([A-Z_]+)''', 'g') m"
                        + " WHERE conname = '" + constraint + "' AND connamespace = '" + schema
                        + "'::regnamespace AND coninhcount = 0 AND conparentid = 0 AND conrelid::regclass::text !~ '_y' ORDER BY 1");
    }
}
