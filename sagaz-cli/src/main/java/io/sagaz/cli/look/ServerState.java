package io.sagaz.cli.look;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A server as it is.
 *
 * @param address address and port as the server sees them
 * @param version for example 15.18
 * @param standby whether it replays the log of another
 * @param system the identifier of its cluster
 * @param pooled whether a pooler stands between
 * @param startedAt since when it runs
 * @param position how much log it has written, or replayed, in bytes
 * @param settings its settings, as this session has them
 * @param clock how its clock and that of this host differ
 * @param replay how it replays; empty of a primary
 * @param standbys who streams from it
 * @param slots its replication slots
 */
public record ServerState(
        String address,
        String version,
        boolean standby,
        long system,
        boolean pooled,
        Instant startedAt,
        long position,
        Map<String, String> settings,
        Clocks clock,
        Optional<Replay> replay,
        Fact<List<Standby>> standbys,
        Fact<List<Slot>> slots) {
    /** Copies the map. */
    public ServerState {
        settings = Map.copyOf(settings);
    }

    /** Its role, for people. */
    public String role() {
        return standby ? "standby" : "primary";
    }

    /** A setting, by its name. */
    public Optional<String> setting(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    /**
     * Two clocks.
     *
     * @param ahead how far the server's is ahead of ours
     * @param uncertainty how far off that may be: half of what the question took
     */
    public record Clocks(Duration ahead, Duration uncertainty) {
        /** How far they are apart at least. */
        public Duration apart() {
            Duration least = ahead.abs().minus(uncertainty);
            return least.isNegative() ? Duration.ZERO : least;
        }
    }

    /**
     * How a standby replays.
     *
     * @param receiver the state of its WAL receiver; empty if it has none
     * @param paused whether its replay is paused, or about to be
     * @param sinceLast how long ago the last transaction that it has replayed was committed, by its clock
     */
    public record Replay(Fact<Optional<String>> receiver, boolean paused, Optional<Duration> sinceLast) {}

    /**
     * Who streams from a server.
     *
     * @param name its {@code application_name}
     * @param address from where
     * @param state {@code streaming} as a rule
     * @param sync whether commits wait for it
     * @param behindBytes how much log it has still to replay
     * @param replayLag how long ago the log was written that it has replayed now; empty if it is idle
     * @param slot its slot
     */
    public record Standby(
            String name,
            String address,
            String state,
            String sync,
            long behindBytes,
            Optional<Duration> replayLag,
            Optional<String> slot) {}

    /**
     * A replication slot.
     *
     * @param name its name
     * @param type {@code physical} or {@code logical}
     * @param active whether somebody reads from it
     * @param keptBytes how much log it keeps
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
     * @param safeBytes how much more log may be written before it is lost; empty if there is no limit
     */
    public record Slot(
            String name, String type, boolean active, long keptBytes, String walStatus, Optional<Long> safeBytes) {}
}
