package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.ServerLook;
import io.sagaz.cli.look.ServerState;
import io.sagaz.cli.look.ServerState.Replay;
import io.sagaz.cli.term.Figures;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/** Replicas receive what the primary writes, and replay it. */
final class ReplicasFollow implements Check {
    /** A record or two may always be under way. */
    private static final long UNDER_WAY = 65_536;

    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        Optional<Long> written = look.leader().map(ServerState::position);
        return look.replicas().stream()
                .flatMap(way -> way.state().known().stream()
                        .flatMap(state ->
                                state.replay().stream().flatMap(replay -> judge(way, state, replay, written, limits))));
    }

    private static Stream<Finding> judge(
            ServerLook way, ServerState state, Replay replay, Optional<Long> written, Limits limits) {
        String subject = way.name() + " at " + state.address();
        Optional<Finding> cut = replay.receiver()
                .known()
                .filter(receiver -> !receiver.equals(Optional.of("streaming")))
                .map(receiver -> new Finding(
                        Id.REPLICA_NOT_STREAMING,
                        Severity.CRITICAL,
                        subject,
                        receiver.map(status -> "Its WAL receiver is " + status).orElse("It has no WAL receiver"),
                        "It shows what was, ever older, while it still answers; its slot keeps log on the primary.",
                        "Its log says why. Check primary_conninfo, the replication role and pg_hba.conf of the primary, and"
                                + " whether the primary still has the log that it needs (slot.lost); if not, make it anew"
                                + " with pg_basebackup."));
        if (replay.paused()) {
            return Stream.concat(
                    cut.stream(),
                    Stream.of(
                            new Finding(
                                    Id.REPLAY_PAUSED,
                                    Severity.WARNING,
                                    subject,
                                    "Its replay is paused",
                                    "It receives the log but shows nothing new.",
                                    "SELECT pg_wal_replay_resume() there. If nobody has paused it: after a change of"
                                            + " max_connections or the like on the primary a replica pauses until it has as much.")));
        }
        return Stream.concat(cut.stream(), behind(subject, state, replay, written, limits.lag()).stream());
    }

    private static Optional<Finding> behind(
            String subject, ServerState state, Replay replay, Optional<Long> written, Duration lag) {
        Optional<Long> missing =
                written.map(position -> position - state.position()).filter(bytes -> bytes >= UNDER_WAY);
        Optional<Duration> since = replay.sinceLast().filter(age -> age.compareTo(lag) > 0);
        if (missing.isEmpty() || since.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Id.REPLICA_BEHIND,
                Severity.WARNING,
                subject,
                "It has " + Figures.bytes(missing.get()) + " to replay, and shows the state of "
                        + Figures.age(since.get()) + " ago",
                "Reads that must be fresher go to the primary.",
                "A long query there may hold replay up (max_standby_streaming_delay), recovery_min_apply_delay may be set,"
                        + " or its disk is too slow for what the primary writes."));
    }
}
