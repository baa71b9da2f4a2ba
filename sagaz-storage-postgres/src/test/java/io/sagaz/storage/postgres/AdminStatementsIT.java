package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.FailedEventFilter;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.OutboxAdmin;
import io.sagaz.storage.ResendResult;
import io.sagaz.storage.Resent;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators and consumers ask, as the server plans it with events of several days. */
class AdminStatementsIT {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("'_y'uuuu'm'MM'd'dd");

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void eachStatementFindsItsRowsByAnIndexAndItsEventsInTheirDay(int postgres) throws Exception {
        try (Topology topology =
                Topology.builder().replicas(1).postgres(postgres).start()) {
            PlanLog.turnOn(topology);
            try (RoutingSagaStore store = Stand.on(topology)
                    .partitions(PartitionPolicy.leftToOthers())
                    .build()) {
                fill(topology);
                PlanLog log = new PlanLog(topology);
                OutboxAdmin admin = store.outboxAdmin();
                LocalDate yesterday = LocalDate.now(ZoneOffset.UTC).minusDays(1);
                String of = yesterday.format(DAY);
                UUID[] dead = ids(topology, "saga_outbox_dead_letters");
                UUID[] parked = ids(topology, "saga_outbox_parked");

                assertThat(admin.event(dead[0])).isPresent();
                assertThat(log.lookedInto()).containsExactly("saga_outbox" + of + "_pkey");

                assertThat(admin.resend("kafka", dead[0])).isEqualTo(ResendResult.RESENT);
                Set<String> ofOne = log.lookedInto();
                assertThat(ofOne).contains("saga_outbox_dead_letters_pkey", "saga_outbox" + of + "_pkey");
                assertOnlyIndexesOf(yesterday, ofOne);

                assertThat(admin.resend("kafka", FailedEventFilter.all().topic("t"), 10))
                        .isEqualTo(new Resent(10, 0));
                Set<String> ofMany = log.lookedInto();
                assertThat(ofMany).contains("saga_outbox_dead_letters_seq_idx", "saga_outbox" + of + "_pkey");
                assertOnlyIndexesOf(yesterday, ofMany);

                assertThat(admin.discard("kafka", FailedEventFilter.all().topic("t"), 10))
                        .isEqualTo(10);
                assertOnlyIndexesOf(yesterday, log.lookedInto());
                assertThat(admin.discard("kafka", dead[dead.length - 1])).isTrue();
                assertThat(log.lookedInto()).contains("saga_outbox_dead_letters_pkey");

                assertThat(admin.retryNow("kafka", parked[0])).isTrue();
                Set<String> retried = log.lookedInto();
                assertThat(retried).contains("saga_outbox_parked_pkey");
                assertOnlyIndexesOf(yesterday, retried);
                assertThat(admin.retryNow("kafka", FailedEventFilter.all().topic("t"), 10))
                        .isEqualTo(10);
                assertOnlyIndexesOf(yesterday, log.lookedInto());

                InboxDelivery delivery = InboxDelivery.of(UUID.randomUUID());
                store.inbox("billing").process(delivery, tx -> Optional.of("1"));
                store.inbox("billing").process(delivery, tx -> Optional.of("1"));
                assertThat(log.inboxScans()).isNotEmpty().allMatch(name -> name.equals("consumer_inbox_pkey"));
            }
        }
    }

    /** Of the tables beside the log each has an index for it; the log is asked for one day only. */
    private static void assertOnlyIndexesOf(LocalDate day, Set<String> lookedInto) {
        assertThat(lookedInto)
                .noneMatch(name -> name.startsWith("Seq saga_outbox"))
                .filteredOn(name -> name.startsWith("saga_outbox_y"))
                .allMatch(name -> name.equals("saga_outbox" + day.format(DAY) + "_pkey"));
    }

    private static UUID[] ids(Topology topology, String table) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement();
                ResultSet row = statement.executeQuery("SELECT array_agg(event_id ORDER BY seq) FROM " + table)) {
            row.next();
            return (UUID[]) row.getArray(1).getArray();
        }
    }

    /** Three days of events; of those of yesterday one half is given up and the other parked. */
    private static void fill(Topology topology) throws SQLException {
        try (Connection superuser = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = superuser.createStatement()) {
            for (String sql : new String[] {
                "SELECT create_saga_outbox_partition((now() AT TIME ZONE 'UTC' - interval '2 days')::date),"
                        + " create_saga_outbox_partition((now() AT TIME ZONE 'UTC' - interval '3 days')::date)",
                """
                INSERT INTO saga_outbox (event_id, created_at, topic, partition_key, payload)
                SELECT sagaz_uuid7(t), t, 't', 'key ' || extract(second FROM t), '{}'
                FROM (SELECT t AT TIME ZONE 'UTC' AS t
                      FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') - interval '3 days',
                          now() AT TIME ZONE 'UTC', '13 seconds') t) x
                """,
                "INSERT INTO saga_outbox_relays (relay_name) VALUES ('kafka'), ('other')",
                """
                INSERT INTO saga_outbox_dead_letters (relay_name, event_id, created_at, seq, shard, attempts)
                SELECT r.relay_name, event_id, created_at, seq, shard, 3 FROM saga_outbox, saga_outbox_relays r
                WHERE created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 day'
                    AND created_at < date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND seq % 2 = 0
                """,
                """
                INSERT INTO saga_outbox_parked (relay_name, event_id, created_at, seq, shard, ordering_key, next_attempt_at)
                SELECT r.relay_name, event_id, created_at, seq, shard, partition_key, now() + interval '1 hour'
                FROM saga_outbox, saga_outbox_relays r
                WHERE created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 day'
                    AND created_at < date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AND seq % 2 = 1
                """,
                "INSERT INTO consumer_inbox (consumer_name, event_id) SELECT 'c', gen_random_uuid() FROM generate_series(1, 20000)",
                "VACUUM (ANALYZE) saga_outbox, saga_outbox_dead_letters, saga_outbox_parked, consumer_inbox"
            }) {
                statement.execute(sql);
            }
        }
    }
}
