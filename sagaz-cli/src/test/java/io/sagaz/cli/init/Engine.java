package io.sagaz.cli.init;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The container engine and Compose, as {@code docker} on the path of this machine reaches them. */
public final class Engine {
    private static final String IMAGES = "sagaz.deploy.images";
    private static final Duration LONG = Duration.ofMinutes(8);

    private Engine() {}

    /**
     * What a program said, and how it ended.
     *
     * @param status 0 if all is well
     * @param words of both streams
     */
    public record Outcome(int status, String words) {}

    /** Skips the test, with the reason, unless images are named and Compose answers. */
    public static Map<String, String> requireImages() {
        String images =
                System.getProperty(IMAGES, Objects.requireNonNullElse(System.getenv("SAGAZ_DEPLOY_IMAGES"), ""));
        assumeTrue(
                !images.isBlank(),
                "No images: scripts/deploy-images.sh builds some and says what to set (-D" + IMAGES + "=…)");
        Outcome engine = run(Path.of("."), "docker", "version");
        assumeTrue(engine.status() == 0, "No container engine answers: " + engine.words());
        Outcome compose = run(Path.of("."), "docker", "compose", "version");
        assumeTrue(compose.status() == 0, "docker has no compose: " + compose.words());
        return Stream.of(images.split(",", -1))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    /** Runs a program to its end; one that cannot be started has status 127. */
    public static Outcome run(Path folder, String... command) {
        return run(folder, List.of(command));
    }

    static Outcome run(Path folder, List<String> command) {
        try {
            Process process = new ProcessBuilder(new ArrayList<>(command))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LONG.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within " + LONG + ": " + words);
            }
            return new Outcome(process.exitValue(), words);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command + " was interrupted", e);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("error=2,")) {
                return new Outcome(127, command.get(0) + " is not installed");
            }
            throw new UncheckedIOException(e);
        }
    }
}
