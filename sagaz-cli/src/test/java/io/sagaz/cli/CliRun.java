package io.sagaz.cli;

import io.sagaz.cli.term.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A command that was run in this JVM, and what came of it.
 *
 * @param status its exit status
 * @param output what it wrote to standard output
 * @param words what it wrote to standard error
 */
public record CliRun(int status, String output, String words) {
    private static final Map<String, String> UTF_8 = Map.of("LANG", "C.UTF-8");

    /** The environment of commands. */
    public record Place(Map<String, String> environment, Clock clock) {
        /** The same with another variable. */
        public Place with(String name, String value) {
            Map<String, String> changed = new HashMap<>(environment);
            changed.put(name, value);
            return new Place(changed, clock);
        }

        /** The same without a variable. */
        public Place without(String name) {
            Map<String, String> changed = new HashMap<>(environment);
            changed.remove(name);
            return new Place(changed, clock);
        }

        /** The same at another time. */
        public Place at(Clock other) {
            return new Place(environment, other);
        }

        /** Runs a command. */
        public CliRun run(String... arguments) {
            return run(new Shutdown(), arguments);
        }

        /** Runs a command that stops at once when it would wait. */
        public CliRun runOnce(String... arguments) {
            Shutdown shutdown = new Shutdown();
            shutdown.request();
            return run(shutdown, arguments);
        }

        private CliRun run(Shutdown shutdown, String... arguments) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            StringWriter misuse = new StringWriter();
            StringWriter help = new StringWriter();
            Terminal output = Terminal.plain(new PrintStream(out, true, StandardCharsets.UTF_8), UTF_8);
            Terminal words = Terminal.plain(new PrintStream(err, true, StandardCharsets.UTF_8), UTF_8);
            int status = Main.commandLine(new Surroundings(() -> output, () -> words, environment, clock, shutdown))
                    .setErr(new PrintWriter(misuse))
                    .setOut(new PrintWriter(help))
                    .execute(arguments);
            return new CliRun(
                    status, help + out.toString(StandardCharsets.UTF_8), misuse + err.toString(StandardCharsets.UTF_8));
        }
    }

    /** Commands in an environment. */
    public static Place in(Map<String, String> environment) {
        return new Place(environment, Clock.systemUTC());
    }

    /** The lines of standard output. */
    public List<String> lines() {
        return output.lines().toList();
    }

    /** The one document on standard output. */
    public Map<String, Object> json() {
        try {
            return Json.object(output);
        } catch (IOException e) {
            throw new AssertionError("No document: " + this, e);
        }
    }
}
