package io.sagaz.migrations.internal.partition;

import io.sagaz.migrations.internal.partition.Partition.State;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides which partitions are made, kept and taken away. Pure: the same facts give the same plan, in any time zone. The
 * functions {@code sagaz_partition_plan} and {@code sagaz_expired_partitions} of the schema decide the same.
 */
public final class PartitionPlanner {
    /** One back, because ids carry the time of their maker's clock. */
    private static final int FIRST = -1;
    /** The current partition and the next one are needed. */
    private static final int LAST_NEEDED = 1;

    private PartitionPlanner() {}

    /** The partitions that should exist, in order. */
    public static List<Slot> wanted(PartitionFacts facts) {
        Set<String> present = facts.partitions().stream()
                .filter(partition -> partition.state() == State.ATTACHED)
                .map(Partition::name)
                .collect(Collectors.toSet());
        List<Slot> wanted = new ArrayList<>();
        for (PartitionedTable table : PartitionedTable.values()) {
            Granularity granularity = table.granularity();
            LocalDate current = granularity.floor(Granularity.dayOf(facts.now()));
            Instant cutoff = cutoff(facts, table);
            for (int n = FIRST; n <= facts.settingsOf(table).ahead(); n++) {
                LocalDate first = granularity.plus(current, n);
                String name = table.table() + granularity.suffix(first);
                if (Granularity.midnight(granularity.plus(first, 1)).isAfter(cutoff)) {
                    wanted.add(new Slot(table, name, first, n >= 0 && n <= LAST_NEEDED, present.contains(name)));
                }
            }
        }
        return List.copyOf(wanted);
    }

    /** Those of them that are to be made; one that was detached by mistake is put back instead. */
    public static List<Slot> missing(PartitionFacts facts) {
        Set<String> unfinished = unfinished(facts).stream().map(Partition::name).collect(Collectors.toSet());
        return wanted(facts).stream()
                .filter(slot -> !slot.present() && !unfinished.contains(slot.name()))
                .toList();
    }

    /** Attached partitions all of whose rows are older than they must be kept, in the order in which they may go. */
    public static List<Partition> expired(PartitionFacts facts) {
        return inOrder(facts, partition -> partition.state() == State.ATTACHED && isExpired(facts, partition));
    }

    private static boolean isExpired(PartitionFacts facts, Partition partition) {
        return !partition.end().isAfter(cutoff(facts, partition.table()));
    }

    /** Partitions that an earlier maintenance has begun to take away. */
    static List<Partition> unfinished(PartitionFacts facts) {
        return inOrder(
                facts,
                partition -> partition.retiring()
                        && (partition.state() == State.DETACHING || partition.state() == State.DETACHED));
    }

    /** The partitions whose needs a plan depends on. */
    static List<Partition> candidates(PartitionFacts facts) {
        return Stream.concat(unfinished(facts).stream(), expired(facts).stream())
                .toList();
    }

    /**
     * What to do, in order: first make what is missing, so that no trouble with old partitions keeps new ones away.
     *
     * @param needs of the {@linkplain #candidates candidates}, by name
     */
    static List<Step> plan(PartitionFacts facts, Map<String, List<Need>> needs) {
        List<Step> steps = new ArrayList<>();
        List<Slot> missing = missing(facts);
        missing.stream().map(Step.Create::new).forEach(steps::add);
        Set<String> going = new HashSet<>();
        for (Partition partition : unfinished(facts)) {
            List<String> against = isExpired(facts, partition)
                    ? against(needs, partition, going)
                    : List.of("it is to be kept for "
                            + facts.settingsOf(partition.table()).retention());
            if (against.isEmpty()) {
                going.add(partition.name());
            }
            steps.add(new Step.Finish(partition, against));
        }
        for (Partition partition : ofStrangers(facts)) {
            // One that is in the way of a new partition is spoken of there.
            if (missing.stream().noneMatch(slot -> slot.name().equals(partition.name()))) {
                steps.add(new Step.Keep(partition, whatAStrangerDid(partition)));
            }
        }
        for (Partition partition : expired(facts)) {
            List<String> against = against(needs, partition, going);
            if (against.isEmpty()) {
                going.add(partition.name());
                steps.add(new Step.Retire(
                        partition,
                        needsOf(needs, partition)
                                .flatMap(need -> need.keptBy().stream())
                                .toList()));
            } else {
                steps.add(new Step.Keep(partition, String.join("; ", against)));
            }
        }
        return List.copyOf(steps);
    }

    private static List<String> against(Map<String, List<Need>> needs, Partition partition, Set<String> going) {
        return needsOf(needs, partition)
                .filter(need -> need.keptBy().filter(going::contains).isEmpty())
                .map(Need::reason)
                .toList();
    }

    private static Stream<Need> needsOf(Map<String, List<Need>> needs, Partition partition) {
        List<Need> known = needs.get(partition.name());
        if (known == null) {
            throw new IllegalArgumentException("Nobody has asked what needs " + partition.name());
        }
        return known.stream();
    }

    private static List<Partition> ofStrangers(PartitionFacts facts) {
        return inOrder(
                facts,
                partition -> !partition.retiring()
                        && (partition.state() == State.DETACHING || partition.state() == State.LOOSE));
    }

    private static String whatAStrangerDid(Partition partition) {
        return partition.state() == State.LOOSE
                ? "somebody else has detached it: attach it again, rename it or drop it"
                : "somebody else is detaching it; if that was interrupted, end it with ALTER TABLE "
                        + partition.table().table() + " DETACH PARTITION " + partition.name() + " FINALIZE";
    }

    private static List<Partition> inOrder(PartitionFacts facts, Predicate<Partition> which) {
        return facts.partitions().stream()
                .filter(which)
                .sorted(Comparator.comparing(Partition::table).thenComparing(Partition::end))
                .toList();
    }

    /** Months are those of the calendar in UTC; a day that a month lacks becomes its last. */
    private static Instant cutoff(PartitionFacts facts, PartitionedTable table) {
        return LocalDateTime.ofInstant(facts.now(), ZoneOffset.UTC)
                .minus(facts.settingsOf(table).retention())
                .toInstant(ZoneOffset.UTC);
    }
}
