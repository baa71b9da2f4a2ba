package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What was found. Immutable.
 *
 * @param findings the worst first
 */
record Diagnosis(List<Finding> findings) {
    private static final List<Check> CHECKS = List.of(
            new Answering(),
            new RolesFit(),
            new ReplicasFollow(),
            new SlotsAreUsed(),
            new PoolsServe(),
            new PoolModes(),
            new PartitionsAreKept(),
            new HorizonMoves(),
            new ClocksAgree(),
            new ServerSettings(),
            new DriverSettings(),
            new SchemaFits(),
            new OutboxFlows(),
            new Unknowns());

    /** Copies the list. */
    Diagnosis {
        findings = List.copyOf(findings);
    }

    /** Judges a look; what somebody knows and accepts is left out. */
    static Diagnosis of(Look look, Limits limits, Set<Id> accepted) {
        return new Diagnosis(CHECKS.stream()
                .flatMap(check -> check.findings(look, limits))
                .filter(finding -> !accepted.contains(finding.id()))
                .distinct()
                .sorted(Comparator.comparing(Finding::severity).reversed())
                .toList());
    }

    /** The severity of the worst finding; empty if there is none. */
    Optional<Severity> worst() {
        return findings.stream().map(Finding::severity).max(Comparator.naturalOrder());
    }
}
