package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.testkit.Await;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every saga of a filter, one by one, from a replica or through transaction pooling from the primary. */
class StreamIT {
    private static final int SAGAS = 5_000;
    private static final SagaFilter MANY = SagaFilter.named("many");
    private static String schema;
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        schema = Stand.newSchema();
        store = RoutingSagaStore.builder()
                .write(Stand.write().maximumSize(4))
                .read(Stand.read().maximumSize(4))
                .direct(Stand.direct())
                .schema(schema)
                .build();
        Stand.run(
                Stand.topology().primaryUrl(),
                Stand.topology().owner(),
                "INSERT INTO " + schema
                        + ".saga_executions (saga_name, status) SELECT 'many', CASE n % 2 WHEN 0 THEN 'RUNNING'"
                        + " ELSE 'PENDING' END FROM generate_series(1, " + SAGAS + ") n");
        Await.until("a replica has them all and answers", () -> {
            ReadResult<Long> counted = reads(ReadSource.REPLICA).forEach(MANY, saga -> {});
            return counted.receipt().source() == ReadSource.REPLICA && counted.value() == SAGAS;
        });
    }

    @AfterAll
    static void close() {
        store.close();
    }

    private static SagaReads reads(ReadSource source) {
        return store.reads(
                source == ReadSource.PRIMARY
                        ? ReadConsistency.strong()
                        : ReadConsistency.atMost(Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @EnumSource
    void eachSagaIsShownOnceAndAllAreOfOneMoment(ReadSource source) {
        List<SagaSummary> shown = new ArrayList<>();
        ReadResult<Long> result = reads(source).forEach(MANY, saga -> {
            if (shown.isEmpty()) {
                store.start(NewSaga.named("many").id(SagaId.next()).steps("meanwhile"));
            }
            shown.add(saga);
        });
        assertThat(result.value()).isEqualTo(shown.size());
        assertThat(result.receipt().source()).isEqualTo(source);
        Set<SagaId> ids = shown.stream().map(SagaSummary::id).collect(Collectors.toSet());
        assertThat(ids).hasSameSizeAs(shown).hasSizeGreaterThanOrEqualTo(SAGAS);
        assertThat(shown)
                .filteredOn(saga -> saga.status() == SagaStatus.RUNNING)
                .hasSize(SAGAS / 2);
        long after =
                store.reads(ReadConsistency.strong()).forEach(MANY, saga -> {}).value();
        assertThat(after).as("with what came in meanwhile").isEqualTo(result.value() + 1);
    }

    @Test
    void nothingToShowIsZero() {
        for (ReadSource source : ReadSource.values()) {
            assertThat(reads(source)
                            .forEach(SagaFilter.named("nobody"), saga -> {
                                throw new AssertionError(saga);
                            })
                            .value())
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsComeInPiecesAndAServerThatFailsInTheMiddleIsNotAskedAgain(ReadSource source) {
        List<SagaId> shown = new ArrayList<>();
        assertThatThrownBy(() -> reads(source).forEach(MANY, saga -> {
                    if (shown.isEmpty()) {
                        endTheStream(source);
                    }
                    shown.add(saga.id());
                }))
                .isInstanceOf(TransientStoreException.class)
                .hasMessageContaining("when it had shown 1000 sagas and will not show them again")
                .hasMessageContaining("try again");
        assertThat(shown).as("one piece was there already").hasSize(1_000).doesNotHaveDuplicates();
        assertThat(reads(source).forEach(MANY, saga -> {}).value()).isGreaterThanOrEqualTo(SAGAS);
    }

    @ParameterizedTest
    @EnumSource
    void whatTheConsumerThrowsComesOutUnchanged(ReadSource source) {
        List<Throwable> all = List.of(
                new IllegalStateException("enough"),
                new TransientStoreException("of another call", null),
                new AssertionError("wrong"),
                new IOException("never declared"),
                new SQLException("of another database", "08006"));
        for (int round = 0; round < 3; round++) { // More often than there are connections.
            for (Throwable thrown : all) {
                AtomicInteger calls = new AtomicInteger();
                assertThatThrownBy(() -> reads(source).forEach(MANY, saga -> {
                            if (calls.incrementAndGet() == 3) {
                                StreamIT.<RuntimeException>sneak(thrown);
                            }
                        }))
                        .isSameAs(thrown);
                assertThat(calls).as("it is not shown anything again").hasValue(3);
            }
        }
        assertThat(reads(source).forEach(MANY, saga -> {}).value()).isGreaterThanOrEqualTo(SAGAS);
    }

    @Test
    void aStreamIsOneTransactionAndLeavesNothingBehind() {
        List<Long> during = new ArrayList<>();
        store.reads(ReadConsistency.strong()).forEach(MANY, saga -> {
            if (during.isEmpty()) {
                during.add(onServer(Stand.topology().primaryUrl(), "count(*)"));
            }
        });
        assertThat(during).containsExactly(1L);
        assertThat(onServer(Stand.topology().primaryUrl(), "count(*)")).isZero();
        for (int i = 0; i < 8; i++) { // On each connection of the pool.
            assertThat(store.start(NewSaga.named("writes go on")).id()).isNotNull();
        }
    }

    /** Asks a server about the sessions that are in the middle of a stream of this test. */
    private static long onServer(String url, String what) {
        try (Connection superuser =
                        Stand.topology().connect(url, Stand.topology().superuser());
                PreparedStatement query = superuser.prepareStatement("SELECT " + what
                        + " FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%" + schema
                        + ".sagaz_sagas%'");
                ResultSet row = query.executeQuery()) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the session of the server that is in the middle of this test's stream, whichever server that is. */
    private static void endTheStream(ReadSource source) {
        List<String> urls = new ArrayList<>();
        if (source == ReadSource.PRIMARY) {
            urls.add(Stand.topology().primaryUrl());
        } else {
            for (int i = 0; i < Stand.topology().replicas(); i++) {
                urls.add(Stand.topology().replicaUrl(i));
            }
        }
        long ended = 0;
        for (String url : urls) {
            ended += onServer(url, "count(pg_terminate_backend(pid))");
        }
        assertThat(ended).isEqualTo(1);
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
