package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import java.util.stream.Stream;

/** Whoever there is a way to answers. */
final class Answering implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        Stream<Finding> servers = look.ways().stream()
                .flatMap(way -> way.state().unknown().stream()
                        .map(unknown -> new Finding(
                                Id.SERVER_UNREACHABLE,
                                Severity.CRITICAL,
                                way.name() + " at " + way.way().shown(),
                                "No session: " + unknown.why(),
                                "Whoever takes this way gets nothing, and nothing can be said about what is behind it.",
                                unknown.remedy()
                                        .orElse("Look whether the server, and the pooler before it, runs and whether"
                                                + " this host may reach it; correct "
                                                + way.way().setting() + " if it leads elsewhere."))));
        Stream<Finding> poolers = look.poolers().stream()
                .flatMap(pooler -> pooler.state().unknown().stream()
                        .map(unknown -> new Finding(
                                Id.POOLER_UNREACHABLE,
                                Severity.WARNING,
                                pooler.name() + " at " + pooler.way().address(),
                                "Its console does not answer: " + unknown.why(),
                                "Pools that are exhausted, paused or in the wrong mode are not noticed.",
                                unknown.remedy()
                                        .orElse(
                                                "Look whether it runs. If it does: name the role (--pgbouncer-user, else"
                                                        + " --user) in its stats_users, and ignore_startup_parameters ="
                                                        + " extra_float_digits."))));
        return Stream.concat(servers, poolers);
    }
}
