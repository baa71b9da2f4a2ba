package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.ServerState;
import io.sagaz.cli.term.Figures;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The clocks of the servers and of this host are together. */
final class ClocksAgree implements Check {
    private static final Duration FAR = Duration.ofSeconds(1);
    private static final Duration VERY_FAR = Duration.ofMinutes(1);

    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        Map<String, ServerState> servers = new LinkedHashMap<>();
        look.states().forEach(state -> servers.putIfAbsent(state.address(), state));
        return servers.values().stream()
                .filter(state -> state.clock().apart().compareTo(FAR) > 0)
                .map(state -> new Finding(
                        Id.CLOCK_APART,
                        state.clock().apart().compareTo(VERY_FAR) > 0 ? Severity.CRITICAL : Severity.WARNING,
                        state.address(),
                        "Its clock is " + Figures.duration(state.clock().ahead().abs())
                                + (state.clock().ahead().isNegative() ? " behind" : " ahead of") + " that of this host",
                        "Identifiers carry the time of services, and times order what people see; partitions are chosen by"
                                + " them. More than an hour apart, a store does not start and nothing is taken away.",
                        "Set the clocks of both (NTP: chronyc tracking, timedatectl)."));
    }
}
