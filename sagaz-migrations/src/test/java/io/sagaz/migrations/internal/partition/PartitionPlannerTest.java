package io.sagaz.migrations.internal.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.migrations.PartitionSettings;
import io.sagaz.migrations.PartitionSettings.WhenExpired;
import io.sagaz.migrations.internal.partition.Partition.State;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TimeZone;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionPlannerTest {
    private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");

    @Test
    void aNewDatabaseWantsTheLastTheCurrentAndThoseAhead() {
        List<Slot> wanted = PartitionPlanner.wanted(facts(NOON));

        assertThat(names(wanted, PartitionedTable.EXECUTIONS))
                .containsExactly(
                        "saga_executions_y2026m10",
                        "saga_executions_y2026m11",
                        "saga_executions_y2026m12",
                        "saga_executions_y2027m01",
                        "saga_executions_y2027m02");
        assertThat(names(wanted, PartitionedTable.STEPS)).hasSize(5).endsWith("saga_steps_y2027m02");
        assertThat(names(wanted, PartitionedTable.AUDIT_LOG)).hasSize(5).endsWith("saga_audit_log_y2027m02");
        assertThat(names(wanted, PartitionedTable.OUTBOX))
                .hasSize(9)
                .startsWith("saga_outbox_y2026m11d24")
                .endsWith("saga_outbox_y2026m12d02");
        assertThat(wanted).noneMatch(Slot::present);
        assertThat(wanted.stream().filter(Slot::needed).map(Slot::name))
                .containsExactly(
                        "saga_executions_y2026m11",
                        "saga_executions_y2026m12",
                        "saga_steps_y2026m11",
                        "saga_steps_y2026m12",
                        "saga_outbox_y2026m11d25",
                        "saga_outbox_y2026m11d26",
                        "saga_audit_log_y2026m11",
                        "saga_audit_log_y2026m12");
    }

    @ParameterizedTest
    @CsvSource({
        // The edge of a year, a leap day, the days on which European and American clocks are moved.
        "2026-12-31T23:59:59.999999999Z, saga_outbox_y2026m12d31, saga_executions_y2026m12",
        "2027-01-01T00:00:00Z,           saga_outbox_y2027m01d01, saga_executions_y2027m01",
        "2028-02-29T00:00:00Z,           saga_outbox_y2028m02d29, saga_executions_y2028m02",
        "2028-02-29T23:59:59Z,           saga_outbox_y2028m02d29, saga_executions_y2028m02",
        "2100-02-28T23:59:59Z,           saga_outbox_y2100m02d28, saga_executions_y2100m02",
        "2026-03-29T01:30:00Z,           saga_outbox_y2026m03d29, saga_executions_y2026m03",
        "2026-10-25T00:30:00Z,           saga_outbox_y2026m10d25, saga_executions_y2026m10",
        "2026-11-01T07:30:00Z,           saga_outbox_y2026m11d01, saga_executions_y2026m11"
    })
    void theCurrentPartitionIsThatOfTheDayInUtc(Instant now, String day, String month) {
        TimeZone before = TimeZone.getDefault();
        try {
            for (String zone :
                    List.of("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "Asia/Kathmandu")) {
                TimeZone.setDefault(TimeZone.getTimeZone(zone));
                List<String> needed = PartitionPlanner.wanted(facts(now)).stream()
                        .filter(Slot::needed)
                        .map(Slot::name)
                        .toList();
                assertThat(needed).as(zone).contains(day, month);
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "P12M, 2026-11-25T12:00:00Z, 2025-10",
        "P12M, 2026-12-01T00:00:00Z, 2025-11",
        "P12M, 2026-11-30T23:59:59Z, 2025-10",
        "P1Y,  2026-12-01T00:00:00Z, 2025-11",
        // A month before March 31st is the last of February.
        "P1M,  2027-03-31T12:00:00Z, 2027-01",
        "P12M, 2028-02-29T00:00:00Z, 2027-01",
        "P1D,  2026-12-01T23:59:59Z, 2026-10",
        "P1D,  2026-12-02T00:00:00Z, 2026-11",
        "P1M1D, 2027-03-01T00:00:00Z, 2026-12"
    })
    void aMonthExpiresWhenItsLastMomentIsOlderThanTheRetention(String retention, Instant now, String youngestExpired) {
        List<Partition> months = Stream.iterate(LocalDate.parse("2024-01-01"), month -> month.plusMonths(1))
                .limit(60)
                .map(first -> attached(PartitionedTable.EXECUTIONS, first))
                .toList();
        PartitionFacts facts = facts(now, months, settings("saga_executions").withRetention(Period.parse(retention)));

        List<Partition> expired = PartitionPlanner.expired(facts);

        LocalDate youngest = LocalDate.parse(youngestExpired + "-01");
        assertThat(expired.get(expired.size() - 1).start()).isEqualTo(Granularity.midnight(youngest));
        assertThat(expired)
                .isSubsetOf(months)
                .isSortedAccordingTo((a, b) -> a.end().compareTo(b.end()));
    }

    @Test
    void whatHasExpiredIsNotMadeAgain() {
        PartitionFacts facts = facts(
                Instant.parse("2026-12-02T00:00:00Z"),
                List.of(),
                settings("saga_executions").withRetention(Period.ofDays(1)));

        assertThat(names(PartitionPlanner.wanted(facts), PartitionedTable.EXECUTIONS))
                .startsWith("saga_executions_y2026m12");
    }

    @Test
    void onAnyDayNothingIsBothWantedAndExpiredAndTheWantedOnesLeaveNoGap() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int run = 0; run < 2_000; run++) {
            Instant now = Instant.ofEpochSecond(
                    random.nextLong(0, Instant.parse("2200-01-01T00:00:00Z").getEpochSecond()));
            PartitionFacts facts = facts(
                    now,
                    List.of(),
                    settings("saga_executions")
                            .withAhead(random.nextInt(1, 25))
                            .withRetention(Period.of(0, random.nextInt(0, 30), random.nextInt(1, 40))),
                    settings("saga_outbox")
                            .withAhead(random.nextInt(1, 93))
                            .withRetention(Period.of(0, random.nextInt(0, 3), random.nextInt(1, 40))));
            List<Slot> wanted = PartitionPlanner.wanted(facts);
            List<Partition> made = wanted.stream()
                    .map(slot -> attached(slot.table(), slot.firstDay()))
                    .toList();

            assertThat(PartitionPlanner.expired(new PartitionFacts(now, facts.settings(), made)))
                    .as("seed %s, run %s, now %s", seed, run, now)
                    .isEmpty();
            for (PartitionedTable table : PartitionedTable.values()) {
                List<Partition> ofTable = made.stream()
                        .filter(partition -> partition.table() == table)
                        .toList();
                assertThat(ofTable)
                        .anyMatch(p -> !p.start().isAfter(now) && p.end().isAfter(now));
                for (int i = 1; i < ofTable.size(); i++) {
                    assertThat(ofTable.get(i).start())
                            .isEqualTo(ofTable.get(i - 1).end());
                }
            }
        }
    }

    @Test
    void whatIsAPartOfItsTableIsThereAndNotMadeAgain() {
        Partition there = attached(PartitionedTable.OUTBOX, LocalDate.parse("2026-11-25"));
        Partition loose = partition(PartitionedTable.OUTBOX, LocalDate.parse("2026-11-26"), State.LOOSE, false);
        PartitionFacts facts = facts(NOON, List.of(there, loose));

        assertThat(PartitionPlanner.wanted(facts))
                .filteredOn(Slot::present)
                .extracting(Slot::name)
                .containsExactly(there.name());
        assertThat(names(PartitionPlanner.missing(facts), PartitionedTable.OUTBOX))
                .contains(loose.name())
                .doesNotContain(there.name());
    }

    @Test
    void whatIsMissingComesFirstThenWhatWasBegunThenWhatHasExpired() {
        Partition begun = partition(PartitionedTable.AUDIT_LOG, LocalDate.parse("2025-02-01"), State.DETACHED, true);
        Partition old = attached(PartitionedTable.EXECUTIONS, LocalDate.parse("2025-03-01"));
        List<Step> plan = plan(facts(NOON, List.of(old, begun)), Map.of());

        assertThat(plan.stream().map(step -> step.getClass().getSimpleName()).distinct())
                .containsExactly("Create", "Finish", "Retire");
        assertThat(plan).contains(new Step.Finish(begun, List.of()), new Step.Retire(old, List.of()));
    }

    @Test
    void whatIsNeededIsKeptAndTheReasonsAreSaid() {
        Partition old = attached(PartitionedTable.OUTBOX, LocalDate.parse("2026-01-01"));

        assertThat(plan(
                        facts(NOON, List.of(old)),
                        Map.of(old, List.of(need("2 dead letters"), need("1 parked events")))))
                .contains(new Step.Keep(old, "2 dead letters; 1 parked events"));
    }

    @Test
    void whatIsOnlyNeededBySagasThatGoGoesAfterThem() {
        Partition sagas = attached(PartitionedTable.EXECUTIONS, LocalDate.parse("2025-03-01"));
        Partition steps = attached(PartitionedTable.STEPS, LocalDate.parse("2025-03-01"));
        Partition audit = attached(PartitionedTable.AUDIT_LOG, LocalDate.parse("2025-04-01"));
        Need bySagas = new Need("steps of sagas in " + sagas.name(), Optional.of(sagas.name()));
        Map<Partition, List<Need>> needs = Map.of(steps, List.of(bySagas), audit, List.of(bySagas));
        PartitionFacts facts = facts(NOON, List.of(audit, steps, sagas));

        assertThat(plan(facts, needs).stream().filter(step -> !(step instanceof Step.Create)))
                .containsExactly(
                        new Step.Retire(sagas, List.of()),
                        new Step.Retire(steps, List.of(sagas.name())),
                        new Step.Retire(audit, List.of(sagas.name())));

        Map<Partition, List<Need>> unfinished = new HashMap<>(needs);
        unfinished.put(sagas, List.of(need("1 unfinished sagas")));
        assertThat(plan(facts, unfinished).stream().filter(step -> !(step instanceof Step.Create)))
                .allMatch(Step.Keep.class::isInstance)
                .hasSize(3);
    }

    @Test
    void whatIsDetachedAndNeededKeepsWhatDependsOnIt() {
        Partition sagas = partition(PartitionedTable.EXECUTIONS, LocalDate.parse("2025-03-01"), State.DETACHED, true);
        Partition steps = attached(PartitionedTable.STEPS, LocalDate.parse("2025-03-01"));
        Need bySagas = new Need("steps", Optional.of(sagas.name()));

        assertThat(plan(
                        facts(NOON, List.of(sagas, steps)),
                        Map.of(sagas, List.of(need("1 unfinished sagas")), steps, List.of(bySagas))))
                .contains(new Step.Finish(sagas, List.of("1 unfinished sagas")), new Step.Keep(steps, "steps"));
        assertThat(plan(facts(NOON, List.of(sagas, steps)), Map.of(steps, List.of(bySagas))))
                .contains(new Step.Finish(sagas, List.of()), new Step.Retire(steps, List.of(sagas.name())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DETACHED", "ARCHIVED", "DEFAULT"})
    void whatSomebodyElseDetachedAndWhatIsArchivedIsLeftAlone(State state) {
        Partition other =
                partition(PartitionedTable.OUTBOX, LocalDate.parse("2026-01-01"), state, state == State.ARCHIVED);

        assertThat(plan(facts(NOON, List.of(other)), Map.of())).allMatch(Step.Create.class::isInstance);
    }

    @Test
    void whatIsToBeKeptAgainIsPutBackAndNotMade() {
        Partition retiring = partition(PartitionedTable.OUTBOX, LocalDate.parse("2026-11-25"), State.DETACHED, true);
        PartitionFacts facts = facts(NOON, List.of(retiring));

        assertThat(plan(facts, Map.of())).contains(new Step.Finish(retiring, List.of("it is to be kept for P30D")));
        assertThat(PartitionPlanner.missing(facts)).extracting(Slot::name).doesNotContain(retiring.name());
        assertThat(PartitionPlanner.wanted(facts)).extracting(Slot::name).contains(retiring.name());
    }

    @ParameterizedTest
    @CsvSource({"DETACHING, FINALIZE", "LOOSE, attach it again"})
    void whatSomebodyElseDetachesIsSpokenOf(State state, String remedy) {
        Partition other = partition(PartitionedTable.OUTBOX, LocalDate.parse("2026-01-01"), state, false);

        assertThat(plan(facts(NOON, List.of(other)), Map.of()))
                .filteredOn(Step.Keep.class::isInstance)
                .singleElement()
                .extracting(step -> ((Step.Keep) step).why())
                .asString()
                .contains(remedy);
    }

    @Test
    void whatIsInTheWayOfANewPartitionIsLeftToWhoMakesThat() {
        Partition inTheWay = partition(PartitionedTable.OUTBOX, LocalDate.parse("2026-11-26"), State.LOOSE, false);

        assertThat(plan(facts(NOON, List.of(inTheWay)), Map.of()))
                .allMatch(Step.Create.class::isInstance)
                .anyMatch(step -> ((Step.Create) step).slot().name().equals(inTheWay.name()));
    }

    @Test
    void whatTheMaintenanceItselfWasDetachingIsFinishedAndNobodyIsBlamed() {
        Partition interrupted =
                partition(PartitionedTable.OUTBOX, LocalDate.parse("2026-01-01"), State.DETACHING, true);

        assertThat(plan(facts(NOON, List.of(interrupted)), Map.of()))
                .filteredOn(step -> !(step instanceof Step.Create))
                .containsExactly(new Step.Finish(interrupted, List.of()));
    }

    @Test
    void aPlanWithoutAnAnswerToWhatIsNeededIsRefused() {
        Partition old = attached(PartitionedTable.OUTBOX, LocalDate.parse("2026-01-01"));

        assertThatThrownBy(() -> PartitionPlanner.plan(facts(NOON, List.of(old)), Map.of()))
                .hasMessageContaining(old.name());
    }

    private static List<Step> plan(PartitionFacts facts, Map<Partition, List<Need>> needs) {
        return PartitionPlanner.plan(
                facts,
                PartitionPlanner.candidates(facts).stream()
                        .collect(Collectors.toMap(
                                Partition::name, partition -> needs.getOrDefault(partition, List.of()))));
    }

    private static Need need(String reason) {
        return new Need(reason, Optional.empty());
    }

    private static List<String> names(List<Slot> slots, PartitionedTable table) {
        return slots.stream()
                .filter(slot -> slot.table() == table)
                .map(Slot::name)
                .toList();
    }

    private static Partition attached(PartitionedTable table, LocalDate first) {
        return partition(table, first, State.ATTACHED, false);
    }

    private static Partition partition(PartitionedTable table, LocalDate first, State state, boolean retiring) {
        Granularity granularity = table.granularity();
        return new Partition(
                table,
                table.table() + granularity.suffix(first),
                Granularity.midnight(first),
                Granularity.midnight(granularity.plus(first, 1)),
                state,
                retiring);
    }

    private static PartitionFacts facts(Instant now) {
        return facts(now, List.of());
    }

    private static PartitionFacts facts(Instant now, List<Partition> partitions, PartitionSettings... others) {
        List<PartitionSettings> settings = new ArrayList<>(List.of(
                settings("saga_executions"),
                settings("saga_outbox"),
                settings("saga_audit_log"),
                settings("consumer_inbox")));
        settings.addAll(Arrays.asList(others));
        return new PartitionFacts(
                now,
                settings.stream().collect(Collectors.toMap(PartitionSettings::table, s -> s, (a, b) -> b)),
                partitions);
    }

    private static PartitionSettings settings(String table) {
        return switch (table) {
            case "saga_outbox" -> new PartitionSettings(table, 7, Period.ofDays(30), WhenExpired.DROP, false);
            case "consumer_inbox" -> new PartitionSettings(table, 0, Period.ofDays(90), WhenExpired.DROP, false);
            default -> new PartitionSettings(table, 3, Period.ofMonths(12), WhenExpired.DROP, false);
        };
    }
}
