package io.sagaz.cli.init;

import io.sagaz.cli.JsonDocument;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.cli.term.Terminal;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sagaz init}. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        header = "Makes the files of a deployment: PostgreSQL with replicas behind two PgBouncers.",
        description = {
            "For Docker Compose, for Kubernetes, or for hosts of your own.",
            "Passwords are made up and stand in .env, which only you can read.",
            "What .env says already is kept: an option goes before it, a default behind it.",
            "Nothing that is there is overwritten without --force; --dry-run shows what would change."
        },
        abbreviateSynopsis = true,
        usageHelpWidth = 100,
        sortOptions = false)
public final class InitCommand implements Callable<Integer> {
    private static final int BESIDE_NAME = 4;
    /** How wide help shows a description. */
    private static final int DESCRIPTION = 72;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls.
    private CommandSpec command;

    @Option(
            names = "--with-ha",
            description = "With replicas and poolers. So it is also if this is not said: there is no other deployment.")
    @SuppressWarnings("UnusedVariable") // Said or not, it is the same.
    private boolean withHa;

    @Option(
            names = "--selfhost",
            description =
                    "For hosts of your own: units of systemd, and a script that sets a host up. Default: for Compose.")
    private boolean selfhost;

    @Option(
            names = "--k8s",
            description = "For Kubernetes: a base and overlays for kustomize, in the folder k8s. Default: for Compose.")
    private boolean k8s;

    @Option(names = "--dir", paramLabel = "FOLDER", description = "Where the files go. Default: here.")
    private Path folder = Path.of("");

    @Option(names = "--force", description = "Overwrite files that are there. Passwords in .env are kept.")
    private boolean force;

    @Option(names = "--dry-run", description = "Write nothing, and show what would change, as a patch.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print one JSON document, and nothing else, on standard output.")
    private boolean json;

    private InitCommand() {}

    /** The command, with an option for each setting. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new InitCommand());
        int order = 0;
        for (Setting.Topic topic : Setting.Topic.values()) {
            ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                    .heading("%n" + topic.heading() + "%n")
                    .order(order++)
                    .validate(false);
            Stream.of(Setting.values())
                    .filter(setting -> setting.topic() == topic)
                    .forEach(setting -> group.addArg(option(setting)));
            line.getCommandSpec().addArgGroup(group.build());
        }
        return line;
    }

    private static OptionSpec option(Setting setting) {
        String words = setting.description();
        String standard =
                setting.standard().map(value -> "Default: " + value + ".").orElse("");
        // Lines are broken inside of words too; what stands in a line of its own is not.
        boolean fits = words.length() + standard.length() < DESCRIPTION;
        return OptionSpec.builder(setting.option())
                .paramLabel(setting.label())
                .type(String.class)
                .description(
                        standard.isEmpty()
                                ? new String[] {words}
                                : fits ? new String[] {words + " " + standard} : new String[] {words, standard})
                .build();
    }

    @Override
    public Integer call() throws IOException {
        if (k8s && selfhost) {
            throw misuse("--k8s and --selfhost are two deployments: say one of them.");
        }
        Folder target = new Folder(folder.toAbsolutePath());
        EnvFile there = EnvFile.of(target.read(k8s ? "k8s/.env" : ".env").orElse(""));
        Stack stack = stack(there);
        List<Folder.Change> changes = target.compare(checked(() -> plan(stack, there)));
        List<String> overwritten = changes.stream()
                .filter(change -> change.fate() == Folder.Fate.CHANGED)
                .map(change -> change.file().path())
                .toList();
        if (!dryRun && !force && !overwritten.isEmpty()) {
            throw misuse("These files are there and differ, and nothing was written: " + String.join(", ", overwritten)
                    + ". --dry-run shows how, --force overwrites them.");
        }
        if (!dryRun) {
            target.write(changes);
        }
        print(stack, changes, there);
        return CommandLine.ExitCode.OK;
    }

    private List<PlannedFile> plan(Stack stack, EnvFile there) {
        if (k8s) {
            return KubernetesPlan.of(stack, there, said());
        }
        return selfhost
                ? SelfhostPlan.of(stack, there, said())
                : ComposePlan.of(stack, there, folder.toAbsolutePath().normalize(), said());
    }

    private Stack stack(EnvFile there) {
        Map<Setting, String> options = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String value = command.commandLine().getParseResult().matchedOptionValue(setting.option(), null);
            if (value != null) {
                options.put(setting, value);
            }
        }
        if (!options.containsKey(Setting.HOME)
                && there.get(Setting.HOME.variable()).isEmpty()) {
            Optional<String> home = selfhost ? Optional.of("/opt/sagaz") : home();
            home.ifPresent(value -> options.put(Setting.HOME, value));
        }
        if (selfhost
                && !options.containsKey(Setting.TLS)
                && there.get(Setting.TLS.variable()).isEmpty()) {
            throw misuse("Hosts talk over your network: say --tls on, or --tls off if nobody else is on it.");
        }
        if (k8s) {
            KubernetesPlan.DEFAULTS.forEach((setting, value) -> {
                if (there.get(setting.variable()).isEmpty()) {
                    options.putIfAbsent(setting, value);
                }
            });
        }
        Stack.Naming naming = k8s ? Stack.Naming.PODS : Stack.Naming.ROLES;
        Stack stack = checked(() -> Stack.of(naming, options, there, Secret::random));
        if (selfhost && stack.patroni()) {
            throw misuse(
                    Setting.FAILOVER.named()
                            + " is patroni, which is for Compose only. On hosts of your own, promote by hand as SAGAZ.md says.");
        }
        return stack;
    }

    private <T> T checked(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** The folder with the jar of this program, if it runs from one. */
    private static Optional<String> home() {
        CodeSource source = InitCommand.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            return Optional.empty();
        }
        try {
            Path jar = Path.of(source.getLocation().toURI()).toAbsolutePath();
            return Optional.ofNullable(Files.isRegularFile(jar) ? jar.getParent() : null)
                    .map(Path::toString);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("Not the place of a program: " + source.getLocation(), e);
        }
    }

    /** The command as it was given, for the head of what it makes. */
    private String said() {
        List<String> words =
                new ArrayList<>(List.of("sagaz init --with-ha" + (selfhost ? " --selfhost" : k8s ? " --k8s" : "")));
        for (Setting setting : Setting.values()) {
            String value = command.commandLine().getParseResult().matchedOptionValue(setting.option(), null);
            if (value != null && setting != Setting.HOME) {
                words.add(setting.option() + " " + value);
            }
        }
        return String.join(" ", words);
    }

    private void print(Stack stack, List<Folder.Change> changes, EnvFile there) {
        Terminal out = Terminal.standardOutput();
        List<String> next = dryRun ? List.of() : next(stack, there);
        if (json) {
            out.line(JsonDocument.of(document -> {
                document.writeStartObject();
                document.writeBooleanField("written", !dryRun);
                document.writeStringField(
                        "folder", folder.toAbsolutePath().normalize().toString());
                document.writeArrayFieldStart("files");
                for (Folder.Change change : changes) {
                    document.writeStartObject();
                    document.writeStringField("path", change.file().path());
                    document.writeStringField("state", change.fate().word());
                    document.writeEndObject();
                }
                document.writeEndArray();
                document.writeObjectFieldStart("connections");
                document.writeNumberField("needed", stack.budget().needed());
                document.writeNumberField("max", stack.budget().maxConnections());
                document.writeEndObject();
                document.writeArrayFieldStart("next");
                for (String line : next) {
                    document.writeString(line);
                }
                document.writeEndArray();
                document.writeEndObject();
            }));
            return;
        }
        if (dryRun) {
            changes.forEach(change -> change.diff().forEach(out::line));
            return;
        }
        int longest = changes.stream()
                .mapToInt(change -> change.file().path().length())
                .max()
                .orElse(0);
        for (Folder.Change change : changes) {
            out.line(new Row()
                    .add("  " + change.file().path())
                    .to(longest + BESIDE_NAME)
                    .add(Style.DIM, change.fate().word()));
        }
        out.line("Connections: " + stack.budget().sum() + ".");
        out.line(new Row().add(Style.BOLD, "Next:"));
        next.forEach(line -> out.line("  " + line));
    }

    private List<String> next(Stack stack, EnvFile there) {
        List<String> next = new ArrayList<>();
        if (!folder.toString().isEmpty()) {
            next.add("cd " + inShell(folder.toString()));
        }
        if (stack.tls() && !Files.exists(folder.resolve("tls/server.key"))) {
            next.add("sh tls/make.sh");
        }
        if (selfhost) {
            next.add("less SAGAZ.md");
        } else if (k8s) {
            next.add("docker build -t " + stack.value(Setting.SAGAZ_IMAGE) + " -f k8s/image/Containerfile "
                    + stack.value(Setting.HOME));
            next.add("kubectl apply -f k8s/secrets.yaml");
            next.add("kubectl apply -k k8s/overlays/raw");
            next.add("less k8s/SAGAZ.md");
        } else {
            next.add("docker compose up -d --wait");
            next.add("docker compose ps");
            next.addAll(ComposePlan.forPatroni(stack, there));
        }
        return List.copyOf(next);
    }

    /** A word as a shell takes it for one. */
    static String inShell(String word) {
        return word.matches("[\\w./+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
