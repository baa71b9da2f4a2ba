package io.sagaz.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sagaz completion}. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        header = "Prints a script that lets a shell complete the commands and options of sagaz.",
        description = {
            "bash: source <(sagaz completion bash)",
            "zsh:  autoload -U +X bashcompinit && bashcompinit && source <(sagaz completion zsh)"
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:printed", "2:not understood"})
final class CompletionCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls.
    private CommandSpec command;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli sets it; one script serves both.
    private Shell shell;

    private enum Shell {
        bash,
        zsh
    }

    CompletionCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        CommandLine whole = command.root().commandLine();
        surroundings.out().get().line(AutoComplete.bash(whole.getCommandName(), whole));
        return CommandLine.ExitCode.OK;
    }
}
