package io.sagaz.cli;

import io.sagaz.cli.term.Terminal;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a command meets where it runs: its terminals, its environment, the time. Immutable.
 *
 * @param out standard output
 * @param err standard error
 * @param environment the variables of the environment
 * @param clock the clock of this host
 * @param shutdown tells when to stop
 */
public record Surroundings(
        Supplier<Terminal> out,
        Supplier<Terminal> err,
        Map<String, String> environment,
        Clock clock,
        Shutdown shutdown) {

    /** Those of this process. */
    static Surroundings ofProcess(Shutdown shutdown) {
        return new Surroundings(
                Terminal::standardOutput, Terminal::standardError, System.getenv(), Clock.systemUTC(), shutdown);
    }

    /** Never the environment, which may hold passwords. */
    @Override
    public String toString() {
        return "Surroundings";
    }
}
