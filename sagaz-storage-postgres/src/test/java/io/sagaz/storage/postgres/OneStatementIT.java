package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StepStatus;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every write is one statement and one transaction, whatever there is to write: as the server logs and PgBouncer counts. */
class OneStatementIT {
    private static final String RECEIVE = "SELECT public.sagaz_receive($1::jsonb)";
    private static final String KEEP_RESULT =
            "UPDATE public.consumer_inbox SET result = $1::jsonb WHERE consumer_name = $2 AND event_id = $3";

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void everyWriteIsOneStatementAndOneTransaction(int postgres) throws Exception {
        try (Topology topology =
                Topology.builder().replicas(1).postgres(postgres).start()) {
            ask(topology.primaryUrl(), topology, "ALTER ROLE sagaz_app SET log_statement = 'all'");
            topology.faults().restartWritePooler(); // Its backends are older than this setting.
            try (RoutingSagaStore store = RoutingSagaStore.builder()
                    .write(PoolConfig.of(
                                    topology.rwUrl(),
                                    topology.app().user(),
                                    topology.app().password())
                            .maximumSize(1))
                    .direct(PoolConfig.of(
                            topology.primaryUrl(),
                            topology.owner().user(),
                            topology.owner().password()))
                    .partitions(PartitionPolicy.leftToOthers())
                    .build()) {
                store.emit(List.of(OutboxEvent.to("the pool has its connection")));
                eachIsOne(store, new Traffic(topology));
                anEventIsTakenInByOneStatement(store, topology, new Traffic(topology));
            }
        }
    }

    private static void eachIsOne(RoutingSagaStore store, Traffic traffic) throws Exception {
        NewSaga plain =
                full(NewSaga.named("order")).steps("a", "b", "c", "d", "e").context("{\"n\": 1}");
        NewSaga keyed = full(NewSaga.named("order")).steps("a").idempotencyKey("k");
        assertThat(traffic.of(() -> store.start(plain))).isEqualTo(new StartResult.Started(plain.id(), 1));
        assertThat(traffic.of(() -> store.start(keyed))).isEqualTo(new StartResult.Started(keyed.id(), 1));
        assertThat(traffic.of(() -> store.start(NewSaga.named("order").idempotencyKey("k"))))
                .isEqualTo(new StartResult.AlreadyStarted(keyed.id()));
        // An identifier is taken for new, and looked for only after the server has refused it.
        assertThat(traffic.of(2, () -> store.start(plain))).isEqualTo(new StartResult.AlreadyStarted(plain.id()));

        List<NewSaga> sagas = Stream.generate(() -> full(NewSaga.named("order")).steps("a", "b"))
                .limit(50)
                .toList();
        assertThat(traffic.of(() -> store.startAll(sagas))).hasOnlyElementsOfType(StartResult.Started.class);
        assertThat(traffic.of(2, () -> store.startAll(sagas))).hasOnlyElementsOfType(StartResult.AlreadyStarted.class);

        SagaId id = plain.id();
        SagaChange change = SagaChange.to(SagaStatus.RUNNING)
                .andStep("a", StepStatus.SUCCESS)
                .andStep("new", StepStatus.RUNNING)
                .emit(OutboxEvent.to("t"))
                .emit(OutboxEvent.to("t"))
                .audit(AuditEntry.of("NOTE"));
        assertThat(traffic.of(() -> store.apply(id, 1, change)))
                .isEqualTo(new ChangeResult.Applied(2, SagaStatus.RUNNING));
        assertThat(traffic.of(() -> store.apply(id, 1, change)))
                .isEqualTo(new ChangeResult.Conflict(2, SagaStatus.RUNNING));
        assertThat(traffic.of(() -> store.apply(id, 2, change)))
                .isEqualTo(new ChangeResult.IllegalSagaChange(SagaStatus.RUNNING, SagaStatus.RUNNING));
        assertThat(traffic.of(() -> store.apply(id, 2, SagaChange.stepCompensated("b"))))
                .isEqualTo(new ChangeResult.IllegalStepChange("b", StepStatus.PENDING, StepStatus.COMPENSATED));
        assertThat(traffic.of(() -> store.apply(SagaId.next(), 1, change))).isEqualTo(new ChangeResult.NotFound());

        List<SagaUpdate> updates = sagas.stream()
                .map(saga -> new SagaUpdate(
                        saga.id(),
                        1,
                        SagaChange.to(SagaStatus.RUNNING)
                                .andStep("a", StepStatus.RUNNING)
                                .emit(OutboxEvent.to("t"))))
                .toList();
        assertThat(traffic.of(() -> store.applyAll(updates))).hasOnlyElementsOfType(ChangeResult.Applied.class);
        assertThat(traffic.of(() -> store.applyAll(updates))).hasOnlyElementsOfType(ChangeResult.Conflict.class);

        assertThat(traffic.of(() -> store.annotate(id, AuditEntry.of("NOTE")))).isTrue();
        assertThat(traffic.of(() -> store.annotate(SagaId.next(), AuditEntry.of("NOTE"))))
                .isFalse();

        ClaimRequest claim = ClaimRequest.by("me", Duration.ofMinutes(1)).idleFor(Duration.ZERO);
        assertThat(traffic.of(() -> store.claimAbandoned(claim))).hasSize(50);
        assertThat(traffic.of(() -> store.claimAbandoned(claim))).hasSize(2);
        assertThat(traffic.of(() -> store.claimAbandoned(claim))).isEmpty();

        List<OutboxEvent> events =
                Stream.generate(() -> OutboxEvent.to("t")).limit(100).toList();
        assertThat(traffic.of(() -> {
                    store.emit(events);
                    return true;
                }))
                .isTrue();
    }

    /** One call beside BEGIN, COMMIT and what the handler does; one more for a result, two in a transaction of the caller's. */
    private static void anEventIsTakenInByOneStatement(RoutingSagaStore store, Topology topology, Traffic traffic)
            throws Exception {
        ConsumerInbox inbox = store.inbox("billing");
        InboxDelivery delivery = InboxDelivery.of(new UUID(0, 1));
        assertThat(traffic.sentBy(() -> inbox.process(delivery, tx -> Optional.empty())))
                .containsExactly("BEGIN", RECEIVE, "COMMIT");
        assertThat(traffic.sentBy(() -> inbox.process(delivery, tx -> Optional.empty())))
                .containsExactly("BEGIN", RECEIVE, "COMMIT");
        assertThat(traffic.sentBy(() -> inbox.process(InboxDelivery.of(new UUID(0, 2)), tx -> Optional.of("1"))))
                .containsExactly("BEGIN", RECEIVE, KEEP_RESULT, "COMMIT");
        try (Connection theirs = topology.connect(topology.rwUrl(), topology.app())) {
            theirs.setAutoCommit(false);
            for (String result : List.of("", "1")) {
                InboxDelivery joined = InboxDelivery.of(UUID.randomUUID());
                Optional<String> given = Optional.of(result).filter(text -> !text.isEmpty());
                List<String> sent = traffic.sentBy(() -> {
                    inbox.process(theirs, joined, tx -> given);
                    theirs.commit();
                    return true;
                });
                assertThat(sent)
                        .as("savepoint and call, result and release are one message each")
                        .containsExactlyElementsOf(Stream.of(
                                        "BEGIN",
                                        "SAVEPOINT sagaz_inbox",
                                        RECEIVE,
                                        result.isEmpty() ? "" : KEEP_RESULT,
                                        "RELEASE SAVEPOINT sagaz_inbox",
                                        "COMMIT")
                                .filter(statement -> !statement.isEmpty())
                                .toList());
            }
        }
    }

    private static NewSaga full(NewSaga saga) {
        return saga.emit(OutboxEvent.to("t")).emit(OutboxEvent.to("t")).audit(AuditEntry.of("NOTE"));
    }

    private interface Call<T> {
        T make() throws Exception;
    }

    /** What goes through PgBouncer to the server. */
    private static final class Traffic {
        private static final Pattern STATEMENT =
                Pattern.compile("sagaz_app@sagaz .*LOG: +(?:statement|execute [^:]+): ?(.*)");

        /**
         * PgBouncer before 1.22 sends it by itself before each transaction of a client that asked for ISO, since the server
         * calls the same "ISO, MDY": https://github.com/pgbouncer/pgbouncer/issues/776
         */
        private static final String OF_POOLER = "SET DateStyle='ISO';";

        private final Topology topology;
        private final Path log;

        Traffic(Topology topology) throws SQLException {
            this.topology = topology;
            // It lies beside the data of the server.
            log = Path.of(ask(topology.primaryUrl(), topology, "SHOW data_directory"))
                    .resolveSibling("primary.log");
        }

        /** Makes a call, and checks that it was one statement and one transaction. */
        <T> T of(Call<T> call) throws Exception {
            return of(1, call);
        }

        /** Makes a call, and checks that it was so many statements, each of which is a transaction. */
        <T> T of(int count, Call<T> call) throws Exception {
            int logged = statements().size();
            Totals before = totals();
            T answer = call.make();
            Totals after = totals();
            List<String> statements = statements().stream().skip(logged).toList();
            // The pool asks a connection that was idle for a while whether it still works, with an empty statement.
            List<String> sent =
                    statements.stream().filter(sql -> !sql.isBlank()).toList();
            int checks = statements.size() - sent.size();
            assertThat(sent).as("what the server was sent").hasSize(count);
            assertThat(sent).allMatch(sql -> sql.matches("SELECT public\\.sagaz_\\w+\\(.*"));
            assertThat(after.queries() - before.queries() - checks)
                    .as("queries of %s", sent)
                    .isEqualTo(count);
            assertThat(after.transactions() - before.transactions() - checks)
                    .as("transactions of %s", sent)
                    .isEqualTo(count);
            return answer;
        }

        /** The statements of a call, as the server logs them. */
        List<String> sentBy(Call<?> call) throws Exception {
            int logged = statements().size();
            assertThat(call.make()).isNotNull();
            return statements().stream()
                    .skip(logged)
                    .filter(sql -> !sql.isBlank())
                    .toList();
        }

        private List<String> statements() throws IOException {
            try (Stream<String> lines = Files.lines(log)) {
                return lines.map(STATEMENT::matcher)
                        .filter(Matcher::find)
                        .map(statement -> statement.group(1))
                        .filter(sql -> !sql.equals(OF_POOLER))
                        .toList();
            }
        }

        private Totals totals() throws SQLException {
            String url = topology.rwUrl();
            String console =
                    url.substring(0, url.lastIndexOf('/')) + "/pgbouncer?preferQueryMode=simple&replication=false";
            try (Connection connection = topology.connect(console, topology.superuser());
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SHOW STATS_TOTALS")) {
                while (row.next()) {
                    if (row.getString("database").equals("sagaz")) {
                        return new Totals(row.getLong("query_count"), row.getLong("xact_count"));
                    }
                }
            }
            throw new AssertionError("PgBouncer knows nothing of the database");
        }
    }

    private record Totals(long queries, long transactions) {}

    /** The first value of an answer; empty for what has none. */
    private static String ask(String url, Topology topology, String sql) throws SQLException {
        try (Connection superuser = topology.connect(url, topology.superuser());
                Statement statement = superuser.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
