package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;

/** A topology out of images; see {@link SourcesIT}. */
@Timeout(300)
class ContainersIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final List<String> IMAGES = List.of(Settings.POSTGRES_IMAGE, Settings.PGBOUNCER_IMAGE);

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
    void aTopologyOutOfImagesReplicatesPoolsAndCanBeBroken() throws SQLException, IOException {
        List<String> progress = new ArrayList<>();
        try (Topology topology = builder().replicas(2).progress(progress::add).start()) {
            assertThat(topology.sources().postgresOrigin()).startsWith("image ");
            assertThat(progress).first().asString().endsWith("): sagaz.testkit.source=containers");
            assertThat(containers()).hasSize(5);
            Sql.execute(topology, topology.primaryUrl(), topology.owner(), "CREATE TABLE t (i integer)");
            write(topology, 1);
            topology.awaitReplicas(SOON);
            assertThat(rows(topology, topology.roUrl())).isOne();

            pauseAndResume(topology);
            killAndStart(topology);
            stopAndPoint(topology);
            holdAndTerminate(topology);

            topology.faults().promote(0);
            Sql.execute(topology, topology.replicaUrl(0), topology.app(), "INSERT INTO t VALUES (0)");
            assertThat(Sql.value(topology, topology.replicaUrl(0), topology.app(), "SELECT min(i) FROM t"))
                    .isEqualTo("0");
        }
        assertNothingIsLeft();
    }

    private static void pauseAndResume(Topology topology) throws SQLException {
        int before = rows(topology, topology.replicaUrl(0));
        topology.faults().pauseReplay(0);
        write(topology, 2);
        topology.faults().pauseWritePooler();
        topology.faults().resumeWritePooler();
        write(topology, 3);
        assertThat(rows(topology, topology.replicaUrl(0))).isEqualTo(before);
        topology.faults().resumeReplay(0);
        topology.awaitReplicas(SOON);
        assertThat(rows(topology, topology.replicaUrl(0))).isEqualTo(before + 2);
    }

    private static void killAndStart(Topology topology) throws SQLException {
        int before = rows(topology, topology.primaryUrl());
        try (Connection open = topology.connect(topology.primaryUrl(), topology.app())) {
            open.setAutoCommit(false);
            Jdbc.execute(open, "INSERT INTO t VALUES (-1)");
            topology.faults().killPrimary();
            assertThat(Sql.stateOf(open::commit)).startsWith("08");
        }
        topology.faults().startPrimary();
        assertThat(rows(topology, topology.primaryUrl())).isEqualTo(before);

        topology.faults().killReplica(1);
        topology.faults().killWritePooler();
        assertThat(Sql.stateOf(() -> write(topology, 4))).startsWith("08");
        topology.faults().startWritePooler();
        write(topology, 4);
        topology.faults().startReplica(1);
        topology.awaitReplicas(SOON);
        assertThat(rows(topology, topology.replicaUrl(1))).isEqualTo(before + 1);
    }

    private static void stopAndPoint(Topology topology) throws SQLException {
        topology.faults().restartPrimary();
        topology.faults().restartReplica(0);
        topology.faults().restartReadPooler();
        topology.faults().pointReadPoolerAt(1);
        assertThat(Sql.value(topology, topology.roUrl(), topology.reader(), "SHOW cluster_name"))
                .isEqualTo("replica-2");
        topology.faults().pointReadPoolerAt(0, 1);
    }

    private static void holdAndTerminate(Topology topology) {
        try (Hold snapshot = topology.faults().holdSnapshotOnReplica(0)) {
            snapshot.check();
            assertThat(topology.faults().terminateBackendsOnReplica(0, topology.reader()))
                    .isPositive();
            assertThatExceptionOfType(TopologyException.class).isThrownBy(snapshot::check);
        }
    }

    @Test
    void whatAKilledJvmLeftIsRemovedByTheNextStart() throws Exception {
        Process jvm = command().start();
        awaitReady(jvm);
        assertThat(containers()).hasSize(4);
        jvm.destroyForcibly().waitFor();
        builder().start().close();
        assertNothingIsLeft();
    }

    @Test
    void anImageWithoutTheProgramIsNamed() throws IOException {
        String other = setting(Settings.PGBOUNCER_IMAGE).orElse("edoburu/pgbouncer:v1.25.1-p0");
        Settings settings = Settings.of(name ->
                name.equals(Settings.SOURCE) ? "containers" : name.equals(Settings.POSTGRES_IMAGE) ? other : null);
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> Topology.builder()
                        .directory(base.path())
                        .settings(settings)
                        .start())
                .withMessageStartingWith(
                        "No postgres was found in the image " + other + ", given by sagaz.testkit.image.postgres");
        assertNothingIsLeft();
    }

    @Test
    void anImageThatCannotBeHadIsNamed() throws IOException {
        ProcessBuilder jvm = command("-D" + Settings.POSTGRES_IMAGE + "=localhost:1/none:1");
        jvm.environment().put("TESTCONTAINERS_PULL_TIMEOUT", "1");
        assertThat(output(jvm))
                .contains("The image localhost:1/none:1 cannot be had: ")
                .contains(". Name another one in sagaz.testkit.image.postgres (or the variable"
                        + " SAGAZ_TESTKIT_IMAGE_POSTGRES)");
        assertNothingIsLeft();
    }

    @Test
    void withoutAnEngineItIsSaidWhatToDo() throws IOException {
        assumeFalse(Files.exists(Path.of("/var/run/docker.sock")), "Testcontainers finds the engine of this machine");
        ProcessBuilder jvm = command("-Duser.home=" + base.path());
        jvm.environment().put("DOCKER_HOST", "unix:///nowhere/docker.sock");
        jvm.environment().remove("XDG_RUNTIME_DIR");
        assertThat(output(jvm))
                .contains(
                        "sagaz.testkit.source=containers needs a container engine on this machine, and Testcontainers ")
                .contains(". Start one, or name its socket in DOCKER_HOST");
        assertThat(base.homes()).isEmpty();
    }

    @Test
    void aProgramStandsStillAndGoesOn() throws IOException {
        Engine engine = Engine.connect();
        Children children = new Children(new ContainerLauncher(engine, Account.ofServers(), base.path(), base.path()));
        Child child = children.start(new Children.Program(
                "sh",
                "is told to go",
                0,
                "TERM",
                setting(Settings.POSTGRES_IMAGE).or(() -> Optional.of("postgres:18")),
                List.of("sh", "-c", "trap 'exit 7' HUP; echo ready; while :; do sleep 0.1; done"),
                base.path().resolve("sh.log")));
        assertThat(Await.holds(
                        SOON,
                        () -> LogFile.read(base.path().resolve("sh.log"), 0).contains("ready")))
                .isTrue();
        child.freeze();
        assertThat(Await.holds(SOON, () -> stateOfProcess().equals("T"))).isTrue();
        child.signal("HUP");
        assertThat(stateOfProcess()).isEqualTo("T");
        child.thaw();
        assertThat(Await.holds(SOON, () -> !child.isRunning())).isTrue();
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(child::requireRunning)
                .withMessageStartingWith("sh (is told to go) ended with exit status 7. Command: sh -c ");
        children.close();
        assertNothingIsLeft();
    }

    /** As the kernel names it, of the program in the only container. */
    private String stateOfProcess() {
        Long pid = DockerClientFactory.instance()
                .client()
                .inspectContainerCmd(containers().get(0).getId())
                .exec()
                .getState()
                .getPidLong();
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Topology.Builder builder() {
        Settings settings = Settings.of(name ->
                name.equals(Settings.SOURCE) ? "containers" : setting(name).orElse(null));
        return Topology.builder().directory(base.path()).settings(settings);
    }

    private static Optional<String> setting(String name) {
        return Settings.ofThisProcess().get(name);
    }

    private ProcessBuilder command(String... properties) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + base.path(),
                "-D" + Settings.SOURCE + "=containers"));
        for (String image : IMAGES) {
            setting(image).ifPresent(name -> command.add("-D" + image + "=" + name));
        }
        command.addAll(List.of(properties));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), TopologyMain.class.getName()));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /** What a JVM says that ends by itself. */
    private static String output(ProcessBuilder jvm) throws IOException {
        return new String(jvm.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void awaitReady(Process jvm) throws IOException {
        BufferedReader output = jvm.inputReader();
        Stream<String> lines = output.lines();
        assertThat(lines.anyMatch(line -> line.contains("READY")))
                .as("the JVM says that its topology is up")
                .isTrue();
    }

    /** Those of the topologies of this test. */
    private List<Container> containers() {
        DockerClient client = DockerClientFactory.instance().client();
        String home = "io.sagaz.testkit.home";
        return client.listContainersCmd().withShowAll(true).withLabelFilter(List.of(home)).exec().stream()
                .filter(container ->
                        Path.of(container.getLabels().getOrDefault(home, "")).startsWith(base.path()))
                .toList();
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(containers()).isEmpty();
        assertThat(base.processes()).isEmpty();
        assertThat(base.homes()).isEmpty();
    }

    private static void write(Topology topology, int i) throws SQLException {
        Sql.execute(topology, topology.rwUrl(), topology.app(), "INSERT INTO t VALUES (" + i + ")");
    }

    private static int rows(Topology topology, String url) throws SQLException {
        return Integer.parseInt(Sql.value(topology, url, topology.reader(), "SELECT count(*) FROM t"));
    }
}
