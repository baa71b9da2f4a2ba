package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.ServerState;
import io.sagaz.cli.look.ServerState.Slot;
import io.sagaz.cli.term.Figures;
import java.util.Optional;
import java.util.stream.Stream;

/** Replication slots are read from, so that they do not keep log for nobody. */
final class SlotsAreUsed implements Check {
    private static final long MUCH = 1L << 30;

    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.leader().stream()
                .flatMap(leader -> leader.slots().known().stream()
                        .flatMap(slots -> slots.stream().flatMap(slot -> judge(leader, slot).stream())));
    }

    private static Optional<Finding> judge(ServerState leader, Slot slot) {
        String subject = slot.type() + " slot " + slot.name() + " at " + leader.address();
        if (slot.walStatus().equals("lost")) {
            return Optional.of(new Finding(
                    Id.SLOT_LOST,
                    Severity.CRITICAL,
                    subject,
                    "Log that it was to keep is gone (max_slot_wal_keep_size)",
                    "Whoever reads from it cannot go on.",
                    "Make the replica anew with pg_basebackup, or the subscriber from the start. If it is gone for good:"
                            + " SELECT pg_drop_replication_slot('" + slot.name() + "')."));
        }
        if (slot.active()) {
            return Optional.empty();
        }
        boolean near = slot.walStatus().equals("unreserved") || slot.keptBytes() >= MUCH;
        return Optional.of(new Finding(
                Id.SLOT_INACTIVE,
                near ? Severity.CRITICAL : Severity.WARNING,
                subject,
                "Nobody reads from it, and it keeps " + Figures.bytes(slot.keptBytes()) + " of log; "
                        + slot.safeBytes()
                                .map(left -> "it is lost " + Figures.bytes(Math.max(0, left)) + " later")
                                .orElse("nothing bounds that"),
                "The disk of the primary fills until writes stop"
                        + (slot.safeBytes().isPresent() ? ", or the replica must be made anew" : "") + ".",
                "Bring its replica back. If that is gone for good: SELECT pg_drop_replication_slot('" + slot.name()
                        + "')."));
    }
}
