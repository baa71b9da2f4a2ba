package io.sagaz.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.cli.CliRun;
import io.sagaz.cli.Json;
import java.util.List;
import java.util.Map;

/**
 * The findings of a document.
 *
 * @param status the exit status
 */
record Found(List<Map<String, Object>> findings, int status) {
    static Found of(CliRun run) {
        return new Found(Json.list(run.json(), "findings"), run.status());
    }

    List<String> ids() {
        return findings.stream().map(finding -> Json.text(finding, "id")).toList();
    }

    /** There is a finding of this kind about something, and it says all there is to say. */
    void has(Id id, Severity severity, String subject) {
        assertThat(findings).as(id.text()).anySatisfy(finding -> {
            assertThat(finding).containsEntry("id", id.text()).containsEntry("severity", severity.name());
            assertThat(Json.text(finding, "subject")).contains(subject);
            assertThat(Json.text(finding, "what")).isNotBlank();
            assertThat(Json.text(finding, "why")).isNotBlank();
            assertThat(Json.text(finding, "remedy")).isNotBlank();
        });
    }

    /** What the first finding of a kind says. */
    String text(Id id, String name) {
        return findings.stream()
                .filter(finding -> id.text().equals(finding.get("id")))
                .map(finding -> Json.text(finding, name))
                .findFirst()
                .orElseThrow();
    }
}
