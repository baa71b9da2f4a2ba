package io.sagaz.cli.operate;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has others. */
@Command(mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
final class GroupCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it runs.
    private CommandSpec command;

    private GroupCommand() {}

    /** A group. */
    static CommandLine of(String name, String header, Object... commands) {
        CommandLine group = new CommandLine(new GroupCommand());
        group.getCommandSpec().name(name);
        group.getCommandSpec().usageMessage().header(header);
        for (Object each : commands) {
            group.addSubcommand(each);
        }
        return group;
    }

    @Override
    public void run() {
        throw new ParameterException(
                command.commandLine(),
                "Say what to do: " + String.join(", ", command.subcommands().keySet()) + ".");
    }
}
