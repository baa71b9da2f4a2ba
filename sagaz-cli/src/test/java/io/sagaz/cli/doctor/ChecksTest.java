package io.sagaz.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.doctor.Looks.DataOf;
import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.PoolerLook.Serves;
import io.sagaz.cli.look.PoolerState.Pool;
import io.sagaz.cli.look.ServerState.Replay;
import io.sagaz.cli.look.ServerState.Slot;
import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.SchemaStatus;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.PartitionSize;
import io.sagaz.storage.RelayStatus;
import io.sagaz.storage.log.VacuumHorizon;
import io.sagaz.storage.log.VacuumHorizon.Holder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksTest {
    private static List<String> found(Check check, Look look) {
        return check.findings(look, Limits.DEFAULT)
                .map(finding -> finding.severity() + " " + finding.id().text())
                .toList();
    }

    @Test
    void aHealthyDeploymentHasNoFindings() {
        assertThat(Diagnosis.of(Looks.healthy(), Limits.DEFAULT, Set.of()).findings())
                .isEmpty();
        assertThat(Diagnosis.of(Looks.healthy(), Limits.DEFAULT, Set.of()).worst())
                .isEmpty();
    }

    @Test
    void theWorstComesFirstAndWhatIsAcceptedIsLeftOut() {
        Look look = Looks.with(
                Looks.server(1, false, false, Map.of("fsync", "off", "autovacuum", "off"), Duration.ZERO, List.of()));

        Diagnosis all = Diagnosis.of(look, Limits.DEFAULT, Set.of());
        Diagnosis rest = Diagnosis.of(look, Limits.DEFAULT, Set.of(Id.SETTING_FSYNC));

        assertThat(all.findings()).extracting(Finding::id).containsExactly(Id.SETTING_FSYNC, Id.SETTING_AUTOVACUUM);
        assertThat(all.worst()).contains(Severity.CRITICAL);
        assertThat(rest.worst()).contains(Severity.WARNING);
    }

    @Test
    void idsAreFoundByTheirTextAndAreUnique() {
        assertThat(List.of(Id.values())).extracting(Id::text).doesNotHaveDuplicates();
        assertThat(Id.of("slot.inactive")).contains(Id.SLOT_INACTIVE);
        assertThat(Id.of("slot")).isEmpty();
    }

    @Nested
    class AnsweringTest {
        @Test
        void whatDoesNotAnswerIsCritical() {
            Look look = Looks.at(
                    List.of(Looks.primary(Looks.server(false)), Looks.way("rw", Looks.unknown("rw", "refused"))),
                    List.of(),
                    Optional.empty());

            assertThat(found(new Answering(), look)).containsExactly("CRITICAL server.unreachable");
        }
    }

    @Nested
    class RolesFitTest {
        @ParameterizedTest
        @CsvSource({
            "primary, true, false, CRITICAL primary.is-standby",
            "rw, true, true, CRITICAL primary.is-standby",
            "rw, false, true, ",
            "primary, false, true, WARNING primary.is-pooled",
            "replica-1, false, false, CRITICAL replica.is-primary",
            "replica-1, true, false, ",
            "ro, false, true, CRITICAL replica.is-primary",
            "ro, true, true, ",
        })
        void eachWayHasItsRole(String way, boolean standby, boolean pooled, String finding) {
            Look look = Looks.at(
                    List.of(
                            Looks.way(
                                    way,
                                    Looks.known(Looks.server(1, standby, pooled, Map.of(), Duration.ZERO, List.of()))),
                            Looks.way("rw", Looks.unknown("rw", "refused"))),
                    List.of(),
                    Optional.empty());

            assertThat(found(new RolesFit(), look)).isEqualTo(finding == null ? List.of() : List.of(finding));
        }

        @Test
        void allAreOfOneCluster() {
            Look look = Looks.at(
                    List.of(
                            Looks.primary(Looks.server(false)),
                            Looks.replica(Looks.server(2, true, false, Map.of(), Duration.ZERO, List.of()))),
                    List.of(),
                    Optional.empty());

            assertThat(found(new RolesFit(), look)).containsExactly("CRITICAL cluster.differs");
        }
    }

    @Nested
    class ReplicasFollowTest {
        private List<String> judged(Replay replay, long position) {
            return found(
                    new ReplicasFollow(),
                    Looks.at(
                            List.of(Looks.primary(Looks.server(false)), Looks.replica(Looks.standby(replay, position))),
                            List.of(),
                            Optional.empty()));
        }

        private Replay streaming(boolean paused, long secondsSince) {
            return new Replay(
                    Looks.known(Optional.of("streaming")), paused, Optional.of(Duration.ofSeconds(secondsSince)));
        }

        @Test
        void aReceiverThatIsGoneOrDoesNotStreamIsCritical() {
            for (Optional<String> receiver : List.of(Optional.<String>empty(), Optional.of("waiting"))) {
                assertThat(judged(
                                new Replay(Looks.known(receiver), false, Optional.of(Duration.ofSeconds(1))),
                                Looks.WRITTEN))
                        .containsExactly("CRITICAL replica.not-streaming");
            }
        }

        @Test
        void aPausedReplayIsNotCalledSlowToo() {
            assertThat(judged(streaming(true, 3_600), 0)).containsExactly("WARNING replica.replay-paused");
        }

        @Test
        void whoHasReplayedAllIsNotBehindHoweverLongAgoThatWas() {
            assertThat(judged(streaming(false, 3_600), Looks.WRITTEN)).isEmpty();
            assertThat(judged(streaming(false, 3_600), Looks.WRITTEN - 65_535)).isEmpty();
        }

        @Test
        void whoHasMuchToReplayIsBehindOnlyFromTheLimitOn() {
            assertThat(judged(streaming(false, 30), 0)).isEmpty();
            assertThat(judged(streaming(false, 31), Looks.WRITTEN - 65_536)).containsExactly("WARNING replica.behind");
        }
    }

    @Nested
    class SlotsAreUsedTest {
        @ParameterizedTest
        @CsvSource({
            "true, 99999999999, extended, ",
            "false, 0, reserved, WARNING slot.inactive",
            "false, 1073741823, reserved, WARNING slot.inactive",
            "false, 1073741824, reserved, CRITICAL slot.inactive",
            "false, 10, unreserved, CRITICAL slot.inactive",
            "false, 0, lost, CRITICAL slot.lost",
        })
        void aSlotIsReadFrom(boolean active, long kept, String status, String finding) {
            Look look =
                    Looks.with(Looks.with(new Slot("s", "physical", active, kept, status, Optional.of(1_000_000L))));

            assertThat(found(new SlotsAreUsed(), look)).isEqualTo(finding == null ? List.of() : List.of(finding));
        }
    }

    @Nested
    class PoolsServeTest {
        @ParameterizedTest
        @CsvSource({"0, 0, ", "3, 999, ", "1, 1000, CRITICAL pool.exhausted", "0, 5000, "})
        void whoWaitsLongWaitsTooLong(int waiting, long millis, String finding) {
            Pool pool = new Pool("sagaz", "app", "transaction", 25, waiting, 25, 0, Duration.ofMillis(millis));

            assertThat(found(
                            new PoolsServe(),
                            Looks.with(Looks.pooler(Serves.WRITES, Looks.pooler(18, "transaction", "", pool)))))
                    .isEqualTo(finding == null ? List.of() : List.of(finding));
        }
    }

    @Nested
    class PoolModesTest {
        @ParameterizedTest
        @CsvSource({
            "WRITES, transaction, ",
            "WRITES, session, WARNING pool.mode",
            "WRITES, statement, CRITICAL pool.mode",
            "READS, session, ",
            "READS, transaction, CRITICAL pool.mode",
            "UNKNOWN, session, UNKNOWN pool.role-unknown",
        })
        void eachPoolerHasItsMode(Serves serves, String mode, String finding) {
            assertThat(found(new PoolModes(), Looks.with(Looks.pooler(serves, Looks.pooler(18, mode, "")))))
                    .isEqualTo(finding == null ? List.of() : List.of(finding));
        }

        @ParameterizedTest
        @CsvSource({
            "18, transaction, '', false",
            "20, transaction, 0, false",
            "21, transaction, 0, true",
            "24, transaction, 0, true",
            "24, transaction, 200, false",
        })
        void preparedStatementsAreKeptApart(int minor, String mode, String most, boolean isFound) {
            assertThat(found(new PoolModes(), Looks.with(Looks.pooler(Serves.WRITES, Looks.pooler(minor, mode, most)))))
                    .isEqualTo(isFound ? List.of("WARNING pool.prepared-statements") : List.of());
        }
    }

    @Nested
    class PartitionsAreKeptTest {
        private static final Instant DUE = Instant.parse("2025-06-14T00:00:00Z");

        @ParameterizedTest
        @CsvSource({
            "saga_outbox, 144, ",
            "saga_outbox, 143, WARNING partition.missing",
            "saga_outbox, 23, CRITICAL partition.missing",
            "saga_outbox, -1, CRITICAL partition.missing",
            "saga_executions, 1440, ",
            "saga_executions, 1439, WARNING partition.missing",
            "saga_steps, 167, CRITICAL partition.missing",
        })
        void rowsCanBeWrittenForAWhile(String table, long hours, String finding) {
            assertThat(found(
                            new PartitionsAreKept(),
                            Looks.with(new DataOf()
                                    .partitions(DataOf.writable(table, Duration.ofHours(hours)))
                                    .data())))
                    .isEqualTo(finding == null ? List.of() : List.of(finding));
        }

        private List<String> judged(Kind kind, Duration past) {
            PartitionSize size = new PartitionSize(
                    "saga_executions", "p", Optional.empty(), Optional.of(DUE.minus(past)), "ATTACHED", 0, 0);
            return found(
                    new PartitionsAreKept(),
                    Looks.with(new DataOf()
                            .upkeep(new PartitionAction(kind, "saga_executions", "p", "unfinished sagas"))
                            .sizes(size)
                            .data()));
        }

        @Test
        void whatHasJustExpiredIsLeftToTheNextMaintenance() {
            Duration justDue = Duration.ofHours(12);
            for (Kind kind : Kind.values()) {
                if (kind != Kind.FAIL) {
                    assertThat(judged(kind, justDue.minusDays(1)))
                            .as(kind.name())
                            .isEmpty();
                }
            }
        }

        @Test
        void whatHasExpiredDaysAgoIsNamed() {
            Duration days = Duration.ofDays(3);
            assertThat(judged(Kind.KEEP, days)).containsExactly("WARNING partition.kept");
            assertThat(judged(Kind.DROP, days)).containsExactly("WARNING partition.overdue");
            assertThat(judged(Kind.ARCHIVE, days)).containsExactly("WARNING partition.overdue");
            assertThat(judged(Kind.CREATE, days)).isEmpty();
        }

        @Test
        void whatFailsAndATimeInDoubtAreNamed() {
            assertThat(found(
                            new PartitionsAreKept(),
                            Looks.with(new DataOf()
                                    .upkeep(
                                            new PartitionAction(Kind.FAIL, "saga_outbox", "p", "cannot be made"),
                                            new PartitionAction(Kind.LATER, "", "", "nobody has maintained"))
                                    .data())))
                    .containsExactly("CRITICAL partition.failing", "WARNING partition.time-in-doubt");
        }

        @Test
        void aPartitionOfWhichNobodyKnowsTheAgeIsNotTakenForYoung() {
            assertThat(found(
                            new PartitionsAreKept(),
                            Looks.with(new DataOf()
                                    .upkeep(new PartitionAction(Kind.KEEP, "saga_outbox", "p", "events"))
                                    .data())))
                    .containsExactly("WARNING partition.kept");
        }
    }

    @Nested
    class HorizonMovesTest {
        @ParameterizedTest
        @EnumSource
        void eachKindHasARemedy(VacuumHorizon.Kind kind) {
            Look look = Looks.with(new DataOf()
                    .horizon(new VacuumHorizon(List.of(new Holder(kind, "name", 1_000_000, Optional.empty())), true))
                    .data());

            assertThat(new HorizonMoves().findings(look, Limits.DEFAULT))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.remedy()).isNotBlank())
                    .satisfies(finding -> assertThat(finding.what()).contains("1,000,000 transactions"));
        }

        @Test
        void whoLooksBackForAMomentIsLeftAlone() {
            assertThat(held(999_999, Duration.ofMinutes(14))).isEmpty();
            assertThat(held(0, Duration.ofMinutes(15))).containsExactly("WARNING horizon.held");
        }

        private List<String> held(long transactions, Duration age) {
            return found(
                    new HorizonMoves(),
                    Looks.with(new DataOf()
                            .horizon(new VacuumHorizon(
                                    List.of(new Holder(
                                            VacuumHorizon.Kind.SESSION,
                                            "name",
                                            transactions,
                                            Optional.of(Looks.NOW.minus(age)))),
                                    true))
                            .data()));
        }
    }

    @Nested
    class ClocksAgreeTest {
        @ParameterizedTest
        @CsvSource({
            "0, ",
            "1004, ",
            "-1004, ",
            "1006, WARNING clock.apart",
            "-2000, WARNING clock.apart",
            "60006, CRITICAL clock.apart"
        })
        void theyMayBeASecondApart(long millis, String finding) {
            Look look = Looks.with(Looks.server(1, false, false, Map.of(), Duration.ofMillis(millis), List.of()));

            assertThat(found(new ClocksAgree(), look)).isEqualTo(finding == null ? List.of() : List.of(finding));
        }
    }

    @Nested
    class ServerSettingsTest {
        @ParameterizedTest
        @CsvSource({
            "fsync, off, CRITICAL setting.fsync",
            "full_page_writes, off, CRITICAL setting.full-page-writes",
            "synchronous_commit, off, WARNING setting.synchronous-commit",
            "synchronous_commit, remote_apply, ",
            "wal_level, minimal, CRITICAL setting.wal-level",
            "wal_level, logical, ",
            "autovacuum, off, WARNING setting.autovacuum",
            "idle_in_transaction_session_timeout, 0, WARNING setting.idle-in-transaction",
            "max_slot_wal_keep_size, -1, WARNING setting.slot-wal-unlimited",
        })
        void whatIsUnsafeIsNamed(String name, String value, String finding) {
            Slot slot = new Slot("s", "physical", true, 0, "reserved", Optional.empty());
            Look look = Looks.with(
                    Looks.server(1, false, false, Looks.settings(name, value), Duration.ZERO, List.of(slot)));

            assertThat(found(new ServerSettings(), look)).isEqualTo(finding == null ? List.of() : List.of(finding));
        }

        @Test
        void withoutSlotsNothingKeepsLogForThem() {
            Look look = Looks.with(Looks.server(
                    1, false, false, Looks.settings("max_slot_wal_keep_size", "-1"), Duration.ZERO, List.of()));

            assertThat(found(new ServerSettings(), look)).isEmpty();
        }
    }

    @Nested
    class DriverSettingsTest {
        @ParameterizedTest
        @CsvSource({
            "rw, '', true, CRITICAL driver.prepared-statements",
            "rw, '', false, ",
            "rw, ?prepareThreshold=0, true, ",
            "rw, ?prepareThreshold=5, true, CRITICAL driver.prepared-statements",
            "ro, '', true, ",
            "ro, ?socketTimeout=0, true, WARNING driver.socket-timeout",
            "ro, ?socketTimeout=60, true, ",
        })
        void urlsAreSafe(String name, String parameters, boolean pooled, String finding) {
            Look look = Looks.at(
                    List.of(Looks.way(
                            name, "jdbc:postgresql://h:6432/sagaz" + parameters, Looks.known(Looks.server(pooled)))),
                    List.of(),
                    Optional.empty());

            assertThat(found(new DriverSettings(), look)).isEqualTo(finding == null ? List.of() : List.of(finding));
        }
    }

    @Nested
    class SchemaFitsTest {
        @ParameterizedTest
        @EnumSource
        void onlyWhatIsUsableIsSilent(SchemaStatus.Fit fit) {
            Look look = Looks.with(new DataOf()
                    .schema(Looks.known(new SchemaStatus(fit, Optional.of("1.1"), "1.14")))
                    .data());

            assertThat(found(new SchemaFits(), look))
                    .isEqualTo(
                            fit == SchemaStatus.Fit.CURRENT || fit == SchemaStatus.Fit.NEWER
                                    ? List.of()
                                    : List.of("CRITICAL schema.out-of-step"));
        }
    }

    @Nested
    class OutboxFlowsTest {
        private OutboxDepth depth(Optional<String> relay, long unpublished, long dead) {
            return new OutboxDepth(
                    relay,
                    Optional.empty(),
                    unpublished,
                    true,
                    unpublished,
                    Optional.empty(),
                    Optional.empty(),
                    0,
                    dead);
        }

        private List<String> relay(boolean gone, long unpublished, List<String> kept) {
            OutboxDepth depth = depth(Optional.of("kafka"), unpublished, 0);
            return found(
                    new OutboxFlows(),
                    Looks.with(new DataOf()
                            .relays(new RelayStatus("kafka", Looks.NOW, gone, depth, Optional.empty(), kept))
                            .data()));
        }

        @Test
        void eventsHaveARelayAndNoneIsGivenUp() {
            assertThat(found(
                            new OutboxFlows(),
                            Looks.with(new DataOf()
                                    .outbox(depth(Optional.empty(), 0, 0))
                                    .data())))
                    .isEmpty();
            assertThat(found(
                            new OutboxFlows(),
                            Looks.with(new DataOf()
                                    .outbox(depth(Optional.empty(), 1, 0))
                                    .data())))
                    .containsExactly("WARNING outbox.no-relay");
            assertThat(found(
                            new OutboxFlows(),
                            Looks.with(new DataOf()
                                    .outbox(depth(Optional.of("kafka"), 5, 1))
                                    .data())))
                    .containsExactly("WARNING outbox.dead-letters");
        }

        @Test
        void aRelayThatIsGoneMattersWhenSomethingWaitsForIt() {
            assertThat(relay(true, 0, List.of())).isEmpty();
            assertThat(relay(false, 5, List.of("p"))).isEmpty();
            assertThat(relay(true, 5, List.of())).containsExactly("WARNING outbox.relay-gone");
            assertThat(relay(true, 0, List.of("p"))).containsExactly("WARNING outbox.relay-gone");
        }
    }

    @Nested
    class UnknownsTest {
        @Test
        void whatIsUnknownForOneReasonIsOneFinding() {
            Look look = Looks.with(new Look.Data(
                    Looks.unknown("the schema", "refused"),
                    Looks.unknown("the partitions", "refused"),
                    Looks.unknown("settings", "refused"),
                    Looks.unknown("upkeep", "refused"),
                    Looks.unknown("sizes", "refused"),
                    Looks.unknown("outbox", "refused"),
                    Looks.unknown("relays", "something else"),
                    Looks.known(new VacuumHorizon(List.of(), false))));

            assertThat(found(new Unknowns(), look))
                    .containsExactly("UNKNOWN look.incomplete", "UNKNOWN look.incomplete", "UNKNOWN look.incomplete");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void aReceiverThatIsHiddenIsNotTakenForStreaming(boolean hidden) {
            Replay replay = new Replay(
                    hidden ? Looks.unknown("the receiver", "hidden") : Looks.known(Optional.of("streaming")),
                    false,
                    Optional.empty());
            Look look = Looks.at(
                    List.of(Looks.primary(Looks.server(false)), Looks.replica(Looks.standby(replay, Looks.WRITTEN))),
                    List.of(),
                    Optional.empty());

            assertThat(found(new Unknowns(), look)).hasSize(hidden ? 1 : 0);
        }
    }
}
