package io.sagaz.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A message broker for a test: a real one, alone in a process, on free ports of the loopback interface, with its data in a
 * directory that goes with it.
 *
 * <pre>{@code
 * try (Broker broker = Broker.redis()) {
 *     broker.address();   // 127.0.0.1:12345
 *     broker.crash();
 *     broker.start();     // at the same address, with what it had stored
 * }
 * }</pre>
 *
 * <p>Safe for threads. Whoever started it closes it; should the JVM end before, the broker ends with it.
 */
public final class Broker implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final int TRIES = 5;
    private static final Duration PROBE = Duration.ofSeconds(2);

    private final BrokerProgram program;
    private final Workspace.Home home;
    private final Children children;
    private final List<Integer> ports;
    private final Thread hook = new Thread(this::shutDown, "sagaz-broker-shutdown");
    private @Nullable Child child;

    private Broker(BrokerProgram program, Workspace.Home home, List<Integer> ports) {
        this.program = program;
        this.home = home;
        this.ports = ports;
        this.children = new Children(new LocalLauncher(Account.ofThisProcess(), home.path()));
    }

    /**
     * Starts a Redis that stores what it is told (append-only file).
     *
     * @throws BrokerMissingException if there is none on this machine and none could be installed
     * @throws TopologyException if it does not start
     */
    public static Broker redis() {
        return start(machine -> machine.program(RedisProgram.PACKAGE, RedisProgram::of, RedisProgram::search));
    }

    /**
     * Starts a RabbitMQ node: user and password are {@code guest}, messages may have four million bytes.
     *
     * @throws BrokerMissingException if there is none on this machine and none could be installed
     * @throws TopologyException if it does not start
     */
    public static Broker rabbitMq() {
        return start(machine -> machine.program(RabbitMqProgram.PACKAGE, RabbitMqProgram::of, RabbitMqProgram::search));
    }

    /**
     * Starts a Kafka broker, from the class path of this JVM: {@code org.apache.kafka:kafka_2.13} must be on it. Topics are to be
     * made; they are not by themselves.
     *
     * @throws BrokerMissingException if those classes are not there
     * @throws TopologyException if it does not start
     */
    public static Broker kafka() {
        return start(machine -> {
            if (Broker.class.getClassLoader().getResource("kafka/Kafka.class") == null) {
                throw new TopologyException(
                        "The classes of Kafka are not on the class path: add org.apache.kafka:kafka_2.13, scope test");
            }
            return new KafkaProgram(System.getProperty("java.class.path"));
        });
    }

    private interface Search {
        BrokerProgram on(Machine machine) throws IOException;
    }

    /** What programs are looked for with. */
    private record Machine(Settings settings, Account account, Workspace workspace, Progress progress) {
        <T extends BrokerProgram> T program(
                PackageManager.Wanted wanted, Function<Path, Optional<T>> at, Supplier<Optional<T>> search)
                throws IOException {
            Optional<String> given = settings.get(wanted.setting());
            if (given.isEmpty()) {
                return PackageManager.findOrInstall(wanted, search, settings, account, workspace.cache(), progress);
            }
            return at.apply(Path.of(given.get()))
                    .orElseThrow(() -> new TopologyException(
                            given.get() + ", given by " + wanted.setting() + ", is not " + wanted.name()));
        }
    }

    private static Broker start(Search search) {
        Progress progress = new Progress(line -> {});
        Account account = Account.ofServers();
        try {
            Settings settings = Settings.ofThisProcess();
            Workspace workspace = Workspace.open(settings.directory(), account);
            Machine machine = new Machine(settings, account, workspace, progress);
            return start(find(search, machine), workspace, progress);
        } catch (IOException e) {
            throw new TopologyException("Cannot prepare a broker: " + e.getMessage(), e);
        }
    }

    private static BrokerProgram find(Search search, Machine machine) throws IOException {
        try {
            return search.on(machine);
        } catch (TopologyException e) {
            throw new BrokerMissingException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Others may take a port between our look at it and the broker's: then all begins anew. */
    private static Broker start(BrokerProgram program, Workspace workspace, Progress progress) throws IOException {
        for (int i = 1; ; i++) {
            List<Integer> ports = Stream.generate(() -> Ports.free(List.of(HOST)))
                    .distinct()
                    .limit(program.ports())
                    .toList();
            Broker broker = new Broker(program, workspace.newHome(progress), ports);
            Runtime.getRuntime().addShutdownHook(broker.hook);
            try {
                program.prepare(broker.home.path(), ports, broker.children);
                broker.start();
                return broker;
            } catch (RuntimeException | IOException e) {
                boolean portTaken = broker.foundItsPortInUse();
                broker.close();
                if (!portTaken || i == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** The address at which clients reach it. */
    public String host() {
        return HOST;
    }

    /** The port at which clients reach it; the same for the whole life of the broker. */
    public int port() {
        return ports.get(0);
    }

    /** Host and port with a colon between them. */
    public String address() {
        return HOST + ":" + port();
    }

    /** Starts it again after {@link #crash}, and returns when it answers. Does nothing if it runs. */
    public synchronized void start() {
        if (child != null && child.isRunning()) {
            return;
        }
        Child started = children.start(program.program(home.path(), ports));
        child = started;
        started.awaitReady(program.patience(), this::answers);
    }

    /** Ends it at once, as a crash would, and returns when it is gone. What it has stored stays. */
    public synchronized void crash() {
        if (child != null) {
            child.kill();
        }
    }

    /** Lets it stand still: connections stay open, and nothing is answered. */
    public synchronized void freeze() {
        running().freeze();
    }

    /** Lets it go on, and returns when it answers. Does nothing if it does not stand still. */
    public synchronized void thaw() {
        running().thaw();
        running().awaitReady(program.patience(), this::answers);
    }

    /**
     * Runs {@code rabbitmqctl} for this broker, to its end.
     *
     * @throws TopologyException if it fails
     * @throws UnsupportedOperationException if this is not RabbitMQ
     */
    public void rabbitmqctl(String... arguments) {
        if (!(program instanceof RabbitMqProgram rabbit)) {
            throw new UnsupportedOperationException("rabbitmqctl is for RabbitMQ, and this is " + program.name());
        }
        rabbit.control(home.path(), ports, List.of(arguments));
    }

    /** Ends it and deletes its directory. Does nothing the second time. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM ends, and the hook does the same at this moment.
        }
        shutDown();
    }

    private synchronized void shutDown() {
        crash();
        children.close();
        home.delete();
    }

    private synchronized boolean foundItsPortInUse() {
        return child != null && child.foundItsPortInUse();
    }

    private Child running() {
        Child now = child;
        if (now == null) {
            throw new TopologyException(program.name() + " does not run");
        }
        now.requireRunning();
        return now;
    }

    private boolean answers() {
        byte[] wanted = program.answer();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), (int) PROBE.toMillis());
            socket.setSoTimeout((int) PROBE.toMillis());
            socket.getOutputStream().write(program.question());
            InputStream in = socket.getInputStream();
            return Arrays.equals(in.readNBytes(wanted.length), wanted);
        } catch (IOException e) {
            return false;
        }
    }

    /** Which broker, and where. */
    @Override
    public String toString() {
        return "Broker[" + program.name() + " at " + address() + "]";
    }
}
