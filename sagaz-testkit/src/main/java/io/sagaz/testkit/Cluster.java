package io.sagaz.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All programs of a topology and their directory.
 *
 * <p>What has been started is known to {@link Children} from the first moment, so that closing works at any time, also
 * from the shutdown hook in the middle of a start.
 */
final class Cluster implements AutoCloseable {
    private static final int REPLICA_STAGE = 0;
    private static final int PRIMARY_STAGE = 2;
    private static final int PORT_ATTEMPTS = 10;
    private static final Duration CATCH_UP = Duration.ofMinutes(1);

    private static final String ACCESS = """
            # TYPE DATABASE     USER              ADDRESS      METHOD
            host   replication  sagaz_replicator  127.0.0.0/8  scram-sha-256
            host   all          sagaz_replicator  127.0.0.0/8  reject
            host   all          all               127.0.0.0/8  scram-sha-256
            local  all          sagaz_replicator               reject
            local  all          all                            scram-sha-256
            """;

    private final Plan plan;
    private final Progress progress;
    private final Account account;
    private final Workspace.Home home;
    private final Children children;
    private final Roles roles = Roles.random();
    private final PostgresPrograms postgres;
    private final PgBouncerProgram pgbouncer;
    private final PostgresServer primary;
    private final List<PostgresServer> replicas;
    /** Whom a server follows that follows another than the first primary. */
    private final Map<PostgresServer, PostgresServer> leaders = new ConcurrentHashMap<>();
    /** Those that were told to follow nobody. */
    private final Set<PostgresServer> cut = ConcurrentHashMap.newKeySet();

    /** What the files of the primary are on, if it has a disk of its own. */
    private volatile @Nullable Disk disk;

    private final Pooler writes;
    private final Pooler reads;
    private final Databases databases = new Databases(this);
    private final Thread hook;

    private Cluster(Plan plan, Progress progress, Account account, Programs programs, Workspace.Home home) {
        this.plan = plan;
        this.progress = progress;
        this.account = account;
        this.postgres = programs.postgres();
        this.pgbouncer = programs.pgbouncer();
        this.home = home;
        this.children = new Children(programs.launcher().apply(home.path()));
        this.primary = server("primary", PRIMARY_STAGE, "127.0.0.1");
        this.replicas = IntStream.range(0, plan.replicas())
                .mapToObj(
                        i -> server(replicaName(i), REPLICA_STAGE, plan.access().host(i, plan.replicas())))
                .toList();
        this.writes = new Pooler(Pooler.Kind.WRITES, home.path(), pgbouncer, account, children, roles, roles.app());
        this.reads = new Pooler(Pooler.Kind.READS, home.path(), pgbouncer, account, children, roles, roles.reader());
        this.hook = new Thread(this::stopAndDelete, "sagaz-testkit-shutdown");
    }

    /** Starts everything, or leaves nothing behind. */
    static Cluster start(Plan plan) {
        Progress progress = new Progress(plan.progress());
        requireFreePorts(plan);
        try {
            Account account = Account.ofServers();
            Workspace workspace = Workspace.open(plan.temporary(), account);
            Programs programs = Programs.find(plan, account, workspace, progress);
            Cluster cluster = new Cluster(plan, progress, account, programs, workspace.newHome(progress));
            cluster.startOrClose();
            return cluster;
        } catch (IOException e) {
            throw new TopologyException("The topology did not start: " + e, e);
        }
    }

    private static void requireFreePorts(Plan plan) {
        for (FixedPort port : FixedPort.of(plan.portBase(), plan.replicas(), plan.access())) {
            if (port.isTaken()) {
                throw new TopologyException("Port " + port.port() + " on " + port.host() + " is in use; " + port.who()
                        + " needs it because portBase is " + plan.portBase());
            }
        }
    }

    private void startOrClose() throws IOException {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            startAll();
        } catch (SQLException e) {
            closeBecauseOf(e);
            throw new TopologyException("The topology did not start: " + e.getMessage(), e);
        } catch (IOException | RuntimeException | Error e) {
            closeBecauseOf(e);
            throw e;
        }
    }

    private void closeBecauseOf(Throwable reason) {
        try {
            close();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    private void startAll() throws IOException, SQLException {
        String verifiers = startPrimary();
        writes.configure(verifiers, target(primary));
        start(writes, FixedPort.WRITES);
        startReplicas();
        linkSockets();
        reads.configure(verifiers, target(replicas));
        start(reads, FixedPort.READS);
    }

    private String startPrimary() throws IOException, SQLException {
        long start = System.nanoTime();
        primary.prepare();
        if (plan.primaryDisk() > 0) {
            disk = Disk.mount(primary.data(), plan.primaryDisk(), account);
        }
        primary.initialize();
        primary.configure(primarySettings());
        primary.allow(ACCESS);
        onSomePort(FixedPort.PRIMARY, List.of(primary.host()), port -> {
            primary.launch(port);
            primary.awaitReady();
        });
        String verifiers;
        try (Connection connection = primary.administer()) {
            roles.create(connection);
            verifiers = Roles.verifiers(connection);
        }
        try (Connection connection = Jdbc.connectImpatiently(primary.url(), roles.superuser())) {
            roles.grant(connection);
        }
        sayUp(primary, start);
        return verifiers;
    }

    private void startReplicas() throws IOException, SQLException {
        long start = System.nanoTime();
        account.newPrivateFile(
                passwords(),
                "*:*:*:" + roles.replicator().user() + ":" + roles.replicator().password() + "\n");
        try (Connection connection = primary.administer()) {
            for (PostgresServer replica : replicas) {
                // Reserves WAL from now on, before the copy whose replay needs it.
                reserveSlot(connection, replica);
            }
            OnlineCopy.copy(
                    connection,
                    postgres.major(),
                    primary.data(),
                    replicas.stream().map(PostgresServer::data).toList(),
                    account);
        }
        for (PostgresServer replica : replicas) {
            account.newPrivateFile(replica.data().resolve("standby.signal"), "");
            replica.configure(replicaSettings(replica));
        }
        List<List<PostgresServer>> withOnePort = plan.access() == Plan.ReplicaAccess.ADDRESSES
                ? List.of(replicas)
                : replicas.stream().map(List::of).toList();
        for (int i = 0; i < withOnePort.size(); i++) {
            List<PostgresServer> together = withOnePort.get(i);
            List<String> hosts = together.stream().map(PostgresServer::host).toList();
            onSomePort(FixedPort.FIRST_REPLICA + i, hosts, port -> launchTogether(together, port));
        }
        for (PostgresServer replica : replicas) {
            awaitStreaming(replica);
            awaitReplay(replica, CATCH_UP);
            sayUp(replica, start);
        }
    }

    private static void launchTogether(List<PostgresServer> servers, int port) {
        boolean ready = false;
        try {
            servers.forEach(server -> server.launch(port));
            servers.forEach(PostgresServer::awaitReady);
            ready = true;
        } finally {
            if (!ready) {
                servers.stream().filter(PostgresServer::isRunning).forEach(PostgresServer::kill);
            }
        }
    }

    private void start(Pooler pooler, int portOffset) throws IOException {
        long start = System.nanoTime();
        onSomePort(portOffset, List.of(Pooler.HOST), pooler::start);
        progress.say(pooler.title() + " " + pgbouncer.version() + " is up on " + Pooler.HOST + ":" + pooler.port()
                + ", " + pooler.mode() + " pooling (" + Progress.seconds(start) + ")");
    }

    private void sayUp(PostgresServer server, long start) {
        progress.say("PostgreSQL " + postgres.version() + " " + server.name() + " is up on " + server.host() + ":"
                + server.port() + " (" + Progress.seconds(start) + ")");
    }

    /** Starts something that listens on a port. */
    @FunctionalInterface
    private interface Listener {
        void listen(int port) throws IOException;
    }

    private void onSomePort(int offset, List<String> hosts, Listener listener) throws IOException {
        if (plan.portBase() != 0) {
            onFixedPort(plan.portBase() + offset, listener);
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                listener.listen(Ports.free(hosts));
                return;
            } catch (PortTakenException e) {
                if (attempt == PORT_ATTEMPTS) {
                    throw e.failure();
                }
            }
        }
    }

    private static void onFixedPort(int port, Listener listener) throws IOException {
        try {
            listener.listen(port);
        } catch (PortTakenException e) {
            throw e.failure();
        }
    }

    private PostgresServer server(String name, int stage, String host) {
        return new PostgresServer(name, stage, host, home.path(), postgres, account, children, roles);
    }

    /** The name of a replica, which counts from 1 as those of deployments do, by its index. */
    static String replicaName(int index) {
        return "replica-" + (index + 1);
    }

    private static String target(PostgresServer server) {
        return "host=" + server.host() + " port=" + server.port();
    }

    /** What the configuration of a pooler says of several replicas, to which it goes in turn. */
    private String target(List<PostgresServer> some) {
        return switch (plan.access()) {
            case ADDRESSES ->
                "host=" + join(some, PostgresServer::host) + " port="
                        + some.get(0).port();
            // The name of a socket ends with the port; a link gives all of them the same one.
            case SOCKETS ->
                "host=" + join(some, replica -> socketDirectory(replica).toString()) + " port=5432";
        };
    }

    private void linkSockets() throws IOException {
        if (plan.access() == Plan.ReplicaAccess.SOCKETS) {
            for (PostgresServer replica : replicas) {
                Path directory = socketDirectory(replica);
                Files.createSymbolicLink(directory.resolve(".s.PGSQL.5432"), Path.of(".s.PGSQL." + replica.port()));
            }
        }
    }

    private static String join(List<PostgresServer> servers, Function<PostgresServer, String> part) {
        return String.join(",", servers.stream().map(part).toList());
    }

    private Path socketDirectory(PostgresServer replica) {
        return home.path().resolve("s" + replicas.indexOf(replica));
    }

    /** The name of the slot through which a server follows another. */
    static String slot(PostgresServer replica) {
        return replica.name().replace('-', '_');
    }

    private String primarySettings() {
        int senders = plan.replicas() + 6;
        return """
                cluster_name = 'primary'
                unix_socket_directories = ''
                max_connections = 200
                shared_buffers = 64MB
                fsync = %s
                synchronous_commit = on
                full_page_writes = on
                wal_level = replica
                wal_keep_size = 128MB
                max_wal_senders = %d
                max_replication_slots = %d
                hot_standby = on
                password_encryption = scram-sha-256
                timezone = 'UTC'
                log_timezone = 'UTC'
                log_destination = stderr
                logging_collector = off
                log_line_prefix = '%%m [%%p] %%q%%u@%%d %%a '
                """.formatted(plan.durable() ? "on" : "off", senders, senders);
    }

    private String replicaSettings(PostgresServer replica) throws IOException {
        String sockets = "";
        if (plan.access() == Plan.ReplicaAccess.SOCKETS) {
            sockets = account.newPrivateDirectory(socketDirectory(replica)).toString();
        }
        return """
                cluster_name = '%s'
                unix_socket_directories = %s
                primary_conninfo = %s
                primary_slot_name = '%s'
                hot_standby_feedback = %s
                wal_retrieve_retry_interval = 200ms
                wal_receiver_status_interval = 1s
                """.formatted(
                        replica.name(),
                        Jdbc.literal(sockets),
                        Jdbc.literal(connectionInfo(primary, replica).replace("\\", "\\\\")),
                        slot(replica),
                        plan.hotStandbyFeedback() ? "on" : "off");
    }

    /** How a follower logs in to its leader. */
    private String connectionInfo(PostgresServer leader, PostgresServer follower) {
        return "host=%s port=%d user=%s passfile=%s application_name=%s"
                .formatted(
                        leader.host(),
                        leader.port(),
                        roles.replicator().user(),
                        "'" + passwords().toString().replace("\\", "\\\\").replace("'", "\\'") + "'",
                        follower.name());
    }

    private Path passwords() {
        return home.path().resolve("replicator.pass");
    }

    private static void reserveSlot(Connection onLeader, PostgresServer follower) throws SQLException {
        Jdbc.value(
                onLeader,
                "SELECT pg_create_physical_replication_slot(slot, true) FROM (SELECT CAST(? AS name) AS slot) s"
                        + " WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = slot)",
                slot(follower));
    }

    /** Whom a server follows, or would if it were a standby. */
    PostgresServer leader(PostgresServer server) {
        return leaders.getOrDefault(server, primary);
    }

    /** Makes a running standby stream from another server from now on, and waits until it does. */
    void follow(PostgresServer follower, PostgresServer leader) throws SQLException {
        if (follower == leader || !isInRecovery(follower)) {
            throw new IllegalStateException(follower.name() + " is no standby that could follow " + leader.name());
        }
        leadTo(leader, follower);
        awaitStreaming(follower);
    }

    /** Makes a running standby follow nobody, and does not wait for it. */
    void cut(PostgresServer follower) throws SQLException {
        cut.add(follower);
        follower.set("primary_conninfo", "");
        follower.reload();
    }

    /** Whether a server can be expected to stream, once it runs. */
    boolean hasLeader(PostgresServer server) {
        return mayFollow(server) && isInRecovery(server);
    }

    /** Whether a server would stream if it were a standby. */
    boolean mayFollow(PostgresServer server) {
        return !cut.contains(server) && leader(server).isRunning();
    }

    /** Tells a running server whom it is to follow, as a standby. */
    private void leadTo(PostgresServer leader, PostgresServer follower) throws SQLException {
        try (Connection onLeader = leader.administer()) {
            reserveSlot(onLeader, follower);
        }
        leaders.put(follower, leader);
        cut.remove(follower);
        follower.set("primary_slot_name", slot(follower));
        follower.set("wal_retrieve_retry_interval", "200ms");
        follower.set("wal_receiver_status_interval", "1s");
        follower.set("primary_conninfo", connectionInfo(leader, follower));
        follower.reload();
    }

    /**
     * Hands the leadership over without losing anything: an orderly stop sends the rest of the WAL to the standbys before it
     * ends. Whoever followed the one follows the other afterwards, and so does the one itself.
     */
    void handOver(PostgresServer from, PostgresServer to) throws IOException, SQLException {
        if (leader(to) != from || isInRecovery(from) || !isInRecovery(to)) {
            throw new IllegalStateException(to.name() + " does not follow " + from.name() + ", which leads");
        }
        List<PostgresServer> others = new ArrayList<>();
        for (PostgresServer replica : replicas) {
            if (replica != to && replica.isRunning() && leader(replica) == from && hasLeader(replica)) {
                others.add(replica);
            }
        }
        awaitStreaming(to);
        for (PostgresServer other : others) {
            awaitStreaming(other);
        }
        leadTo(to, from);
        from.stop();
        promote(to);
        account.newPrivateFile(from.data().resolve("standby.signal"), "");
        from.start();
        awaitStreaming(from);
        for (PostgresServer other : others) {
            follow(other, to);
        }
    }

    /** Makes a standby a primary, and returns when it takes writes. */
    void promote(PostgresServer server) throws SQLException {
        try (Connection connection = server.administer()) {
            String promoted = Jdbc.value(
                    connection, "SELECT pg_promote(true, ?::integer)", Long.toString(CATCH_UP.toSeconds() / 2));
            if (!promoted.equals("t") || isInRecovery(server)) {
                throw new TopologyException(server.name() + " was not promoted in time");
            }
        }
    }

    /** Leads a pooler to one server. */
    void point(Pooler pooler, PostgresServer server) {
        pooler.point(target(server));
    }

    /** Leads a pooler to some of the replicas, in turn. */
    void point(Pooler pooler, List<PostgresServer> some) {
        pooler.point(target(some));
    }

    /** Leads a pooler to servers of another cluster. */
    void point(Pooler pooler, String elsewhere) {
        pooler.point(elsewhere);
    }

    /** What the configuration of a pooler, here or elsewhere, says of the primary. */
    String primaryTarget() {
        return target(primary);
    }

    /** The same of all replicas. */
    String replicasTarget() {
        return target(replicas);
    }

    /** Whether the server replays somebody's WAL, as a replica does until it is promoted. */
    boolean isInRecovery(PostgresServer server) {
        try (Connection connection = server.administer()) {
            return Jdbc.value(connection, "SELECT pg_is_in_recovery()").equals("t");
        } catch (SQLException e) {
            throw new TopologyException("Cannot ask " + server.name() + " what it is: " + e.getMessage(), e);
        }
    }

    /** Waits until the leader of a replica sends its WAL to it as it is written. */
    void awaitStreaming(PostgresServer replica) {
        PostgresServer leader = leader(replica);
        boolean streaming = Await.holds(CATCH_UP, () -> {
            replica.requireRunning();
            try (Connection connection = leader.administer()) {
                return Jdbc.value(
                                connection,
                                "SELECT state FROM pg_stat_replication WHERE application_name = ?",
                                replica.name())
                        .equals("streaming");
            } catch (SQLException e) {
                return false;
            }
        });
        if (!streaming) {
            throw new TopologyException(replica.name() + " does not stream from the " + leader.name() + " after "
                    + Progress.seconds(CATCH_UP));
        }
    }

    /** Waits until the replica shows what its leader has committed before this call. */
    void awaitReplay(PostgresServer replica, Duration atMost) {
        PostgresServer leader = leader(replica);
        try (Connection onLeader = leader.administer();
                Connection onReplica = replica.administer()) {
            String written = Jdbc.value(
                    onLeader,
                    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                            + " ELSE pg_current_wal_flush_lsn() END");
            boolean replayed = Await.holds(atMost, () -> {
                try {
                    return Jdbc.value(onReplica, "SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn", written)
                            .equals("t");
                } catch (SQLException e) {
                    throw new TopologyException(replica.name() + " failed while it caught up: " + e.getMessage(), e);
                }
            });
            if (!replayed) {
                throw new TopologyException(replica.name() + " has not replayed " + written + " after "
                        + Progress.seconds(atMost) + ", it is at "
                        + Jdbc.value(onReplica, "SELECT pg_last_wal_replay_lsn()"));
            }
        } catch (SQLException e) {
            throw new TopologyException(
                    "Cannot compare " + replica.name() + " with the " + leader.name() + ": " + e.getMessage(), e);
        }
    }

    /** Waits until each standby that runs shows what its leader has committed before this call. */
    void awaitReplicas(Duration atMost) {
        for (PostgresServer replica : replicas) {
            if (replica.isRunning() && isInRecovery(replica)) {
                awaitReplay(replica, atMost);
            }
        }
    }

    /** The end of each program's log, without the passwords of our roles. */
    Map<String, String> logs() {
        Map<String, String> logs = new LinkedHashMap<>();
        servers().forEach(server -> logs.put(server.name(), roles.hidden(LogFile.end(server.log()))));
        poolers().forEach(pooler -> logs.put(pooler.title(), roles.hidden(LogFile.end(pooler.log()))));
        return logs;
    }

    Databases databases() {
        return databases;
    }

    Roles roles() {
        return roles;
    }

    /** The first primary, and its replicas. */
    List<PostgresServer> servers() {
        return Stream.concat(Stream.of(primary), replicas.stream()).toList();
    }

    List<Pooler> poolers() {
        return List.of(writes, reads);
    }

    PostgresServer primary() {
        return primary;
    }

    List<PostgresServer> replicas() {
        return replicas;
    }

    PostgresServer replica(int index) {
        if (index < 0 || index >= replicas.size()) {
            throw new IndexOutOfBoundsException(
                    "There is no replica " + index + ", only 0 to " + (replicas.size() - 1));
        }
        return replicas.get(index);
    }

    /** Whether the primary's own disk is full on purpose. */
    boolean isDiskFilled() {
        Disk own = disk;
        return own != null && own.isFilled();
    }

    /** The primary's own disk. */
    Disk disk() {
        Disk own = disk;
        if (own == null) {
            throw new IllegalStateException(
                    "The primary has no disk of its own: start the topology with Topology.builder().primaryDisk(…)");
        }
        return own;
    }

    Pooler writes() {
        return writes;
    }

    Pooler reads() {
        return reads;
    }

    int postgresMajor() {
        return postgres.major();
    }

    Sources sources() {
        return new Sources(postgres.version(), postgres.origin(), pgbouncer.version());
    }

    Path directory() {
        return home.path();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook runs or has run, and closing twice is harmless.
        }
        // In a thread of its own, for closing often happens because a test was interrupted.
        FutureTask<Boolean> closing = new FutureTask<>(this::stopAndDelete, true);
        new Thread(closing, "sagaz-testkit-close").start();
        boolean interrupted = false;
        boolean done = false;
        while (!done) {
            try {
                done = closing.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new TopologyException("The topology did not close: " + e.getCause(), e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopAndDelete() {
        databases.close();
        children.close();
        if (plan.primaryDisk() > 0) {
            try {
                Disk.unmountBelow(home.path());
            } catch (IOException e) {
                throw new UncheckedIOException("The disk of the primary remains", e);
            }
        }
        home.delete();
    }
}
