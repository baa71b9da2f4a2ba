package io.sagaz.cli;

import io.sagaz.testkit.Topology;
import java.util.OptionalInt;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say what to start. */
final class TopologyOptions {
    private static final int MOST_REPLICAS = 16;
    private static final int OLDEST_POSTGRES = 14;
    private static final int NEWEST_POSTGRES = 18;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before it parses.
    private CommandSpec command;

    private int replicas = 1;
    private OptionalInt postgres = OptionalInt.empty();

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "How many replicas, 1 to " + MOST_REPLICAS + ". Default: 1.")
    void setReplicas(int count) {
        replicas = inRange(command.commandLine(), "--replicas", count, 1, MOST_REPLICAS);
    }

    @Option(
            names = "--postgres",
            paramLabel = "MAJOR",
            description = "Which version of PostgreSQL, " + OLDEST_POSTGRES + " to " + NEWEST_POSTGRES
                    + ". Default: the newest on this machine, or " + NEWEST_POSTGRES + " if it has none.")
    void setPostgres(int major) {
        postgres =
                OptionalInt.of(inRange(command.commandLine(), "--postgres", major, OLDEST_POSTGRES, NEWEST_POSTGRES));
    }

    int replicas() {
        return replicas;
    }

    /** Says that starting a topology will take a moment. */
    void announce(Consumer<String> progress) {
        progress.accept("Starting a primary, " + (replicas == 1 ? "a replica" : replicas + " replicas")
                + " and two PgBouncers…");
    }

    /** A topology as the options want it. */
    Topology.Builder topology(Consumer<String> progress) {
        Topology.Builder builder = Topology.builder().replicas(replicas).progress(progress);
        postgres.ifPresent(builder::postgres);
        return builder;
    }

    /** The value of an option if it is in range; else the message for the one who typed it. */
    static int inRange(CommandLine command, String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    command, option + " must be from " + least + " to " + most + ", but is " + value);
        }
        return value;
    }
}
