package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What kustomize itself builds, where it is installed. */
class KustomizeTest {
    private static final List<List<String>> PROGRAMS =
            List.of(List.of("kustomize", "build"), List.of("kubectl", "kustomize"));

    @TempDir
    private Path folder;

    private Engine.Outcome build(String path) throws IOException {
        for (Map.Entry<String, String> file : Stacks.kubernetes().entrySet()) {
            Path target = folder.resolve(file.getKey());
            Files.createDirectories(Optional.ofNullable(target.getParent()).orElse(folder));
            Files.writeString(target, file.getValue());
        }
        for (List<String> program : PROGRAMS) {
            Engine.Outcome outcome = Engine.run(folder, program.get(0), program.get(1), path);
            if (outcome.status() != 127) {
                return outcome;
            }
        }
        assumeTrue(false, "Neither kustomize nor kubectl is installed: no overlay was built by kustomize itself");
        throw new AssertionError("An assumption that fails ends the test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "cnpg", "external"})
    void anOverlayIsBuiltFromTheObjectsThatWeExpect(String overlay) throws IOException {
        Engine.Outcome outcome = build("k8s/overlays/" + overlay);

        assertThat(outcome.status()).as(outcome.words()).isZero();
        assertThat(Node.documents(outcome.words()))
                .extracting(Node::value)
                .containsExactlyInAnyOrderElementsOf(
                        Kustomization.documents(Stacks.kubernetes(), "k8s/overlays/" + overlay).stream()
                                .map(Node::value)
                                .toList());
    }

    @Test
    void anOverlayOfOnesOwnTakesTheComponent() throws IOException {
        Path own = Files.createDirectory(folder.resolve("own"));
        Files.writeString(
                own.resolve("kustomization.yaml"),
                "resources: [../k8s/overlays/raw]\ncomponents: [../k8s/components/podmonitors]\n");

        Engine.Outcome outcome = build("own");

        assertThat(outcome.status()).as(outcome.words()).isZero();
        assertThat(Node.documents(outcome.words()))
                .extracting(document -> document.at("kind").text())
                .contains("PodMonitor", "StatefulSet");
    }
}
