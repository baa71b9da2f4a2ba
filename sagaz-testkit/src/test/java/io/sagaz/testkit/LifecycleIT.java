package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(90)
class LifecycleIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final SharedMemory NO_MEMORY = new SharedMemory(Set.of(), Set.of());

    private Base base;

    @BeforeEach
    void makeBase() throws IOException {
        base = new Base();
    }

    @AfterEach
    void removeBase() throws IOException {
        base.close();
    }

    @Test
    void closingLeavesNoProcessAndNoDirectory() throws Exception {
        Topology topology = builder().start();
        assertThat(base.homes()).containsExactly(topology.directory());
        assertThat(base.servers()).hasSize(4);
        // Neither a client in a transaction nor a paused replica may hold it up.
        try (Connection client = topology.connect(topology.rwUrl(), topology.app())) {
            client.setAutoCommit(false);
            Jdbc.value(client, "SELECT 1");
            topology.faults().pauseReplay(0);
            long start = System.nanoTime();
            topology.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        }
        assertNothingIsLeft();
        topology.close();
    }

    @Test
    void aServerThatIsKilledLeavesNoSharedMemory() throws Exception {
        try (Topology topology = builder().start()) {
            SharedMemory memory = SharedMemory.of(base.processes());
            assertThat(memory.files()).isNotEmpty();
            assertThat(memory.segments()).as("one of each server").hasSizeGreaterThanOrEqualTo(2);
            topology.faults().killReplica(0);
            topology.faults().killPrimary();
            assertThat(memory.abandoned()).isEqualTo(NO_MEMORY);
        }
    }

    @Test
    void anInterruptedTestStillClosesEverything() throws Exception {
        Topology topology = builder().start();
        Thread.currentThread().interrupt();
        topology.close();
        assertThat(Thread.interrupted()).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void topologiesLiveSideBySide() throws Exception {
        try (Topology second = builder().start()) {
            try (Topology first = builder().start()) {
                assertThat(base.homes()).containsExactlyInAnyOrder(first.directory(), second.directory());
            }
            assertThat(Sql.value(second, second.roUrl(), second.reader(), "SELECT 1"))
                    .isEqualTo("1");
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource
    void readsReachSeveralReplicasWithAndWithoutAddressesOfTheirOwn(Plan.ReplicaAccess access) throws Exception {
        try (Topology topology = builder().replicas(2).access(access).start();
                Connection first = topology.connect(topology.roUrl(), topology.reader());
                Connection second = topology.connect(topology.roUrl(), topology.reader())) {
            assertThat(Jdbc.value(first, "SELECT current_setting('cluster_name')"))
                    .isNotEqualTo(Jdbc.value(second, "SELECT current_setting('cluster_name')"));
        }
    }

    @Test
    void portBaseFixesThePorts() throws Exception {
        int first = Ports.free(List.of("127.0.0.1"));
        try (Topology topology = builder().portBase(first).start()) {
            assertThat(topology.rwUrl()).contains(":" + first + "/");
            assertThat(topology.roUrl()).contains(":" + (first + 1) + "/");
            assertThat(topology.primaryUrl()).contains(":" + (first + 2) + "/");
            assertThat(topology.replicaUrl(0)).contains(":" + (first + 3) + "/");
        }
    }

    @Test
    void aFixedPortInUseIsNamed() throws Exception {
        int first = Ports.free(List.of("127.0.0.1"));
        try (ServerSocket taken = new ServerSocket(first + 2, 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            assertThat(builder().portBase(first).takenPorts())
                    .containsExactly("127.0.0.1:" + (first + 2) + " (the primary)");
            List<String> done = new ArrayList<>();
            assertThatExceptionOfType(TopologyException.class)
                    .isThrownBy(
                            () -> builder().portBase(first).progress(done::add).start())
                    .withMessage("Port " + (first + 2)
                            + " on 127.0.0.1 is in use; the primary needs it because portBase is " + first);
            assertThat(done).as("nothing was started before").isEmpty();
        }
        assertNothingIsLeft();
    }

    @Test
    void aServerThatDoesNotStartShowsTheEndOfItsLog() throws Exception {
        base.script(
                "postgres",
                "[ \"$1\" = --version ] && echo 'postgres (PostgreSQL) 15.18' && exit 0\n"
                        + "for i in $(seq 30); do echo line $i; done\n echo 'the disk is on fire' >&2\n exit 3");
        base.script(
                "initdb",
                "for a; do case $a in --pgdata=*) d=${a#--pgdata=};; esac; done\n"
                        + "touch \"$d/postgresql.conf\" \"$d/pg_hba.conf\"");
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(
                        () -> builder(Map.of(Settings.POSTGRES_BIN, base.path().toString()))
                                .start())
                .withMessageStartingWith("PostgreSQL 15.18 primary (serves the database at 127.0.0.1:")
                .withMessageContaining("ended with exit status 3")
                .withMessageContaining("  line 30\n  the disk is on fire")
                .withMessageNotContaining("line 11\n");
        assertNothingIsLeft();
    }

    @Test
    void anInitdbThatFailsIsShown() throws Exception {
        base.script("postgres", "echo 'postgres (PostgreSQL) 15.18'");
        base.script("initdb", "echo 'no space left'; exit 1");
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(
                        () -> builder(Map.of(Settings.POSTGRES_BIN, base.path().toString()))
                                .start())
                .withMessageStartingWith("initdb (makes the primary) ended with exit status 1. Command: ")
                .withMessageEndingWith("  no space left");
        assertNothingIsLeft();
    }

    @Test
    void aPoolerThatDoesNotStartTakesTheServersWithIt() throws Exception {
        Path pooler = base.script("pgbouncer", "[ \"$1\" = --version ] && echo 'PgBouncer 1.24.1' && exit 0; exit 2");
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() ->
                        builder(Map.of(Settings.PGBOUNCER, pooler.toString())).start())
                .withMessageStartingWith("PgBouncer-RW 1.24.1 (transaction pooling at 127.0.0.1:")
                .withMessageContaining("ended with exit status 2");
        assertNothingIsLeft();
    }

    @Test
    void aPortThatSomebodyElseTookFirstIsReplaced() throws Exception {
        Settings settings = Settings.ofThisProcess();
        PgBouncerProgram real =
                PgBouncerProgram.find(settings, Account.ofServers(), base.path(), new Progress(line -> {}));
        Path marks = Files.createDirectory(base.path().resolve("marks"));
        Files.setPosixFilePermissions(marks, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path pooler = base.script("pgbouncer", """
                if [ "$1" != --version ] && mkdir '%s'/taken 2>/dev/null; then
                  echo 'cannot listen on 127.0.0.1: bind(): Address already in use'
                  exit 1
                fi
                exec '%s' "$@"
                """.formatted(marks, real.path()));
        try (Topology topology =
                builder(Map.of(Settings.PGBOUNCER, pooler.toString())).start()) {
            assertThat(marks.resolve("taken")).exists();
            assertThat(Sql.value(topology, topology.rwUrl(), topology.app(), "SELECT 1"))
                    .isEqualTo("1");
        }
        assertNothingIsLeft();
    }

    @Test
    void wrongSettingsAreNamed() throws Exception {
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(
                        () -> builder(Map.of(Settings.POSTGRES_BIN, "/nowhere")).start())
                .withMessageContaining("/nowhere")
                .withMessageContaining("SAGAZ_TESTKIT_POSTGRES_BIN");
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> builder(Map.of(Settings.PGBOUNCER, "/nowhere/pgbouncer"))
                        .start())
                .withMessageContaining("/nowhere/pgbouncer")
                .withMessageContaining("SAGAZ_TESTKIT_PGBOUNCER");
        assertNothingIsLeft();
    }

    @Test
    void aBaseDirectoryThatOthersMayWriteToIsRefused() throws Exception {
        builder().start().close();
        Path directory;
        try (var entries = Files.newDirectoryStream(base.path(), "sagaz-*")) {
            directory = entries.iterator().next();
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> builder().start())
                .withMessageStartingWith(directory + " is not a directory that only we");

        Path elsewhere = base.path().resolve("elsewhere");
        Files.move(directory, elsewhere);
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx--x--x"));
        Files.createSymbolicLink(directory, elsewhere);
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> builder().start())
                .withMessageStartingWith(directory + " is not a directory that only we");
    }

    @Test
    void whatAKilledJvmLeftIsRemovedByTheNextStart() throws Exception {
        Process jvm = jvm();
        await(jvm, "READY");
        jvm.destroyForcibly().waitFor();
        List<ProcessHandle> orphans = base.processes();
        SharedMemory memory = SharedMemory.of(orphans);
        List<Path> homes = base.homes();
        assertThat(base.servers()).hasSize(4);
        assertThat(homes).hasSize(1);

        List<String> progress = new ArrayList<>();
        try (Topology topology = builder().progress(progress::add).start()) {
            assertThat(base.homes()).containsExactly(topology.directory());
            assertThat(orphans).allMatch(Processes::isGone);
            assertThat(memory.abandoned()).isEqualTo(NO_MEMORY);
            assertThat(progress).contains("Removing what a killed JVM left in " + homes.get(0));
        }
        assertNothingIsLeft();
    }

    @Test
    void aTerminatedJvmLeavesNothing() throws Exception {
        Process jvm = jvm();
        await(jvm, "READY");
        jvm.destroy();
        assertThat(jvm.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void aJvmTerminatedInTheMiddleOfTheStartLeavesNothing() throws Exception {
        Process jvm = jvm();
        await(jvm, "primary is up");
        jvm.destroy();
        assertThat(jvm.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void manyJvmsStartAtOnceBesideAnOrphan() throws Exception {
        Process killed = jvm();
        await(killed, "primary is up");
        killed.destroyForcibly().waitFor();
        assertThat(base.processes()).isNotEmpty();

        List<Process> jvms = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            jvms.add(jvm());
        }
        for (Process jvm : jvms) {
            await(jvm, "READY");
        }
        assertThat(base.homes()).hasSize(3);
        assertThat(base.servers()).hasSize(12);
        jvms.forEach(Process::destroy);
        for (Process jvm : jvms) {
            assertThat(jvm.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        assertNothingIsLeft();
    }

    private Topology.Builder builder() {
        return Topology.builder().directory(base.path());
    }

    private Topology.Builder builder(Map<String, String> settings) {
        return builder().settings(Settings.of(settings::get));
    }

    private Process jvm() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + base.path(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TopologyMain.class.getName())
                .redirectErrorStream(true)
                .start();
    }

    private static void await(Process jvm, String text) throws IOException {
        StringBuilder before = new StringBuilder();
        BufferedReader output = jvm.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.contains(text)) {
                return;
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("The JVM ended without saying " + text + ":\n" + before);
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(base.processes()).isEmpty();
        assertThat(base.homes()).isEmpty();
    }
}
