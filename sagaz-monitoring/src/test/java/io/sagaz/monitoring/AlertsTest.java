package io.sagaz.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.monitoring.Rule.Alert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Alerts, and the pages that they lead to. */
class AlertsTest {
    private static final Path DOCS = Path.of("..", "docs");

    static final List<Alert> ALERTS = Alerts.all();

    @Test
    void eachHasANameOfItsOwn() {
        assertThat(ALERTS)
                .extracting(Alert::name)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("Sagaz[A-Z]\\w+"));
    }

    @Test
    void thoseOfTheReferenceKeepTheirNames() {
        assertThat(ALERTS)
                .extracting(Alert::name)
                .contains(
                        "SagazCompensationRateHigh",
                        "SagazSagaFailureRateHigh",
                        "SagazExecutionLatencyHigh",
                        "SagazDLQDepthHigh",
                        "SagazOutboxLagHigh");
    }

    @ParameterizedTest
    @FieldSource("ALERTS")
    void eachSaysWhatIsTheMatter(Alert alert) {
        assertThat(alert.summary()).isNotBlank().doesNotContain("\n").hasSizeLessThan(100);
        assertThat(alert.description()).endsWith(".").doesNotContain("\n");
        assertThat(alert.summary() + alert.description())
                .as("it says where")
                .containsPattern("\\{\\{ \\$labels\\.\\w+ }}");
    }

    @ParameterizedTest
    @FieldSource("ALERTS")
    void eachHasARunbookPage(Alert alert) throws IOException {
        Path page = DOCS.resolve("runbooks").resolve(alert.page());
        assertThat(page).exists();
        String text = Files.readString(page);
        assertThat(text).startsWith("# " + alert.name() + "\n");
        assertThat(text.lines().filter(line -> line.startsWith("**")))
                .extracting(line -> line.substring(0, line.indexOf("**", 2) + 2))
                .containsExactly("**Meaning.**", "**Impact.**", "**Look.**", "**Remedy.**");
    }

    @Test
    void thereIsNoPageWithoutAnAlert() throws IOException {
        try (Stream<Path> pages = Files.list(DOCS.resolve("runbooks"))) {
            assertThat(pages.map(page -> String.valueOf(page.getFileName())))
                    .containsExactlyInAnyOrderElementsOf(
                            ALERTS.stream().map(Alert::page).toList());
        }
    }

    @Test
    void theTableOfTheManualHasThemAllInTheirOrder() throws IOException {
        List<String> rows = ALERTS.stream()
                .map(alert -> "| [" + alert.name() + "](../runbooks/" + alert.page() + ") | "
                        + alert.severity().label() + " | ")
                .toList();
        List<String> table = Files.readAllLines(DOCS.resolve("operations/monitoring.md")).stream()
                .filter(line -> line.startsWith("| [Sagaz"))
                .toList();
        assertThat(table).hasSameSizeAs(rows);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(table.get(i)).startsWith(rows.get(i));
        }
    }

    @Test
    void runbooksCanBeElsewhere() {
        Map<String, String> files = MonitoringFiles.all(ScrapeTargets.ofCompose(), "https://example.org/books/");
        assertThat(files.get("rules/sagaz-alerts.yml"))
                .contains("runbook_url: \"https://example.org/books/SagazNoPrimary.md\"");
        assertThatThrownBy(() -> MonitoringFiles.all(ScrapeTargets.ofCompose(), "https://example.org/books"))
                .hasMessageContaining("https://example.org/books")
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAddressWithoutAPortIsRefused() {
        Map<String, String> servers = new LinkedHashMap<>(Map.of("primary", "postgres-exporter"));
        assertThatThrownBy(() -> new ScrapeTargets("c", servers, Map.of("rw", "x:1"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("but one is postgres-exporter");
        assertThatThrownBy(() -> new ScrapeTargets("c", Map.of(), Map.of("rw", "x:1"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one server");
    }
}
