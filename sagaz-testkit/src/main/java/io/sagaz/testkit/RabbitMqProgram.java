package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A RabbitMQ node with a port mapper of its own: the one of the machine, if there is any, is left alone, and none stays behind.
 *
 * @param sbin directory of the programs
 * @param epmd the port mapper
 */
record RabbitMqProgram(Path sbin, Path epmd) implements BrokerProgram {
    static final PackageManager.Wanted PACKAGE =
            new PackageManager.Wanted("RabbitMQ", "rabbitmq-server", "rabbitmq-server", Settings.RABBITMQ);

    private static final Duration CONTROL_TIMEOUT = Duration.ofSeconds(60);

    static Optional<RabbitMqProgram> search() {
        // What Debian puts on the PATH becomes another user; the program behind it does not.
        return Stream.concat(
                        Stream.of(Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server")),
                        PackageManager.places("rabbitmq-server"))
                .flatMap(path -> of(path).stream())
                .findFirst();
    }

    /** The programs beside a {@code rabbitmq-server}. */
    static Optional<RabbitMqProgram> of(Path server) {
        return Files.isExecutable(server)
                ? PackageManager.places("epmd")
                        .filter(Files::isExecutable)
                        .findFirst()
                        .map(epmd -> new RabbitMqProgram(server.resolveSibling(""), epmd))
                : Optional.empty();
    }

    @Override
    public String name() {
        return "rabbitmq";
    }

    /** Clients, the port mapper, other nodes. */
    @Override
    public int ports() {
        return 3;
    }

    @Override
    public void prepare(Path directory, List<Integer> ports, Children children) throws IOException {
        Files.writeString(directory.resolve("rabbitmq.conf"), """
                listeners.tcp.1 = 127.0.0.1:%d
                log.console = true
                log.console.level = warning
                log.file = false
                max_message_size = 4000000
                """.formatted(ports.get(0)));
        Files.writeString(directory.resolve("enabled_plugins"), "[].\n");
        Files.writeString(directory.resolve("rabbitmq-env.conf"), "");
        Files.createDirectory(directory.resolve("home"));
        children.start(new Children.Program(
                "epmd",
                "the port mapper of rabbitmq",
                2,
                "TERM",
                List.of(epmd.toString(), "-port", Integer.toString(ports.get(1)), "-address", "127.0.0.1"),
                directory.resolve("epmd.log")));
    }

    @Override
    public Children.Program program(Path directory, List<Integer> ports) {
        return new Children.Program(
                name(),
                "the broker of a test",
                1,
                "TERM",
                command(directory, ports, "rabbitmq-server"),
                directory.resolve("rabbitmq.log"));
    }

    /** Runs rabbitmqctl. */
    void control(Path directory, List<Integer> ports, List<String> arguments) {
        List<String> command = new ArrayList<>(command(directory, ports, "rabbitmqctl"));
        command.addAll(arguments);
        Command.Result result = Command.run(CONTROL_TIMEOUT, command.toArray(new String[0]));
        if (!result.succeeded()) {
            throw new TopologyException("rabbitmqctl " + String.join(" ", arguments) + " ended with exit status "
                    + result.exitStatus() + ". It said:\n" + result.end());
        }
    }

    private List<String> command(Path directory, List<Integer> ports, String program) {
        return List.of(
                "env",
                "HOME=" + directory.resolve("home"),
                "ERL_EPMD_PORT=" + ports.get(1),
                "ERL_EPMD_ADDRESS=127.0.0.1",
                "RABBITMQ_NODENAME=sagaz@localhost",
                "RABBITMQ_CONF_ENV_FILE=" + directory.resolve("rabbitmq-env.conf"),
                "RABBITMQ_CONFIG_FILE=" + directory.resolve("rabbitmq.conf"),
                "RABBITMQ_ADVANCED_CONFIG_FILE=" + directory.resolve("advanced.config"),
                "RABBITMQ_GENERATED_CONFIG_DIR=" + directory.resolve("generated"),
                "RABBITMQ_ENABLED_PLUGINS_FILE=" + directory.resolve("enabled_plugins"),
                "RABBITMQ_MNESIA_BASE=" + directory.resolve("mnesia"),
                "RABBITMQ_LOG_BASE=" + directory.resolve("log"),
                "RABBITMQ_PID_FILE=" + directory.resolve("rabbitmq.pid"),
                "RABBITMQ_DIST_PORT=" + ports.get(2),
                sbin.resolve(program).toString());
    }

    @Override
    public byte[] question() {
        return new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    }

    /** A method frame: Connection.Start. */
    @Override
    public byte[] answer() {
        return new byte[] {1};
    }
}
