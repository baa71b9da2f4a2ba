package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Fact;
import io.sagaz.cli.look.Look;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Nothing is left in the dark: what is unknown is not fine. */
final class Unknowns implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        Map<String, Set<String>> byReason = new LinkedHashMap<>();
        Map<String, String> remedies = new HashMap<>();
        for (Fact.Unknown<?> unknown : look.unknowns().toList()) {
            byReason.computeIfAbsent(unknown.why(), why -> new LinkedHashSet<>())
                    .add(unknown.what());
            unknown.remedy().ifPresent(remedy -> remedies.put(unknown.why(), remedy));
        }
        return byReason.entrySet().stream()
                .map(reason -> new Finding(
                        Id.LOOK_INCOMPLETE,
                        Severity.UNKNOWN,
                        String.join(", ", reason.getValue()),
                        "Not known: " + reason.getKey(),
                        "What is wrong there is not found.",
                        remedies.getOrDefault(
                                reason.getKey(),
                                "Give the role what it needs: GRANT pg_monitor, and SELECT grant_sagaz_reader(role). If"
                                        + " something else is found, mend that first.")));
    }
}
