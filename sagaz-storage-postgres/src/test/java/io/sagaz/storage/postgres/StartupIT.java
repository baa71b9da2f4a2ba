package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.RouteReason;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StoreConfigurationException;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;

/** A configuration that would go wrong later is refused at the start: the setting, the value, the remedy, no secret. */
class StartupIT {
    private static final String SECRET = "not-the-password";
    private final Topology topology = Stand.topology();

    @Test
    void anUrlThroughAPoolerWithoutPrepareThresholdZeroIsRefused() {
        String url = topology.rwUrl().replace("?prepareThreshold=0", "");
        refused(store(PoolConfig.of(url, topology.app().user(), topology.app().password())))
                .withMessageContaining("write: " + url)
                .withMessageContaining("Add prepareThreshold=0 to the URL");
    }

    @Test
    void aDirectUrlNeedsNoPrepareThreshold() {
        try (RoutingSagaStore store = RoutingSagaStore.builder()
                .write(Stand.direct())
                .schema(Stand.newSchema())
                .build()) {
            assertThat(store.start(NewSaga.named("direct"))).isInstanceOf(StartResult.Started.class);
        }
    }

    @Test
    void aWrongPasswordIsNamedAndNotShown() {
        refused(store(PoolConfig.of(topology.rwUrl(), topology.app().user(), SECRET)))
                .withMessageContaining("write: no session at " + topology.rwUrl() + " as "
                        + topology.app().user())
                .withMessageContaining("check user, password")
                .withMessageNotContaining(SECRET);
        refused(store(PoolConfig.of(topology.primaryUrl(), topology.app().user(), SECRET)))
                .withMessageContaining("SQLState 28P01")
                .withMessageContaining("Check user and password")
                .withMessageNotContaining(SECRET);
    }

    @Test
    void aWrongPasswordOfTheReadersIsRefusedToo() {
        refused(Stand.reading(PoolConfig.of(topology.roUrl(), topology.reader().user(), SECRET)))
                .withMessageContaining("read: ")
                .withMessageContaining(topology.reader().user())
                .withMessageNotContaining(SECRET);
    }

    @Test
    void aDatabaseThatIsNotThereIsNamed() {
        String url = topology.primaryUrl().replace("/" + topology.database(), "/nowhere");
        refused(store(PoolConfig.of(
                        url, topology.owner().user(), topology.owner().password())))
                .withMessageContaining(url)
                .withMessageContaining("3D000")
                .withMessageContaining("Create the database");
    }

    @Test
    void aPrimaryThatIsMissingIsNamed() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/sagaz?prepareThreshold=0";
        refused(store(PoolConfig.of(url, "sagaz_app", SECRET)))
                .withMessageContaining("write: no session at " + url)
                .withMessageContaining("Check host and port")
                .withMessageNotContaining(SECRET);
    }

    @Test
    void aReplicaBehindTheWriteUrlIsRefused() {
        refused(store(PoolConfig.of(
                        topology.replicaUrl(0),
                        topology.owner().user(),
                        topology.owner().password())))
                .withMessageContaining("write: " + topology.replicaUrl(0))
                .withMessageContaining("it is a standby")
                .withMessageContaining("Point it at the primary");
    }

    @Test
    void transactionPoolingBehindTheReadUrlIsRefused() {
        refused(Stand.reading(PoolConfig.of(
                        topology.rwUrl(), topology.app().user(), topology.app().password())))
                .withMessageContaining("read: " + topology.rwUrl())
                .withMessageContaining("pool_mode=session");
    }

    @Test
    void aClusterOfItsOwnBehindTheReadUrlIsRefused() {
        try (Topology other = Topology.builder().replicas(1).start()) {
            refused(Stand.reading(PoolConfig.of(
                            other.roUrl(), other.reader().user(), other.reader().password())))
                    .withMessageContaining("read: " + other.roUrl())
                    .withMessageContaining("Both must lead to servers of one cluster");
        }
    }

    @Test
    void missingReplicasDoNotKeepAStoreFromStarting() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (RoutingSagaStore store = Stand.reading(
                        PoolConfig.of("jdbc:postgresql://127.0.0.1:" + port + "/sagaz", "sagaz_reader", "x"))
                .build()) {
            assertThat(store.reads(ReadConsistency.atMost(Duration.ofSeconds(5)))
                            .countByStatus(SagaFilter.all())
                            .receipt()
                            .reason())
                    .isEqualTo(RouteReason.REPLICA_UNREACHABLE);
        }
    }

    @Test
    void aSchemaThatIsNotThereIsRefusedWhenItMayOnlyBeChecked() {
        refused(Stand.builder(Stand.newSchema()).migrations(MigrationMode.CHECK))
                .withMessageContaining("migrations: ");
    }

    @Test
    void settingsAreCheckedBeforeAnythingIsContacted() {
        refused(RoutingSagaStore.builder()).withMessageContaining("RoutingSagaStore.write is not set");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolConfig.of("postgres://u:" + SECRET + "@h/d", "u", "p"))
                .withMessageContaining("PoolConfig.url must look like")
                .withMessageNotContaining(SECRET);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolConfig.of("jdbc:postgresql://h/d?password=" + SECRET, "u", "p"))
                .withMessageContaining("must not carry the parameter password")
                .withMessageNotContaining(SECRET);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PoolConfig.of("jdbc:postgresql://bob:" + SECRET + "@h/d", "u", "p"))
                .withMessageContaining("must not carry a user before the host")
                .withMessageNotContaining(SECRET);
        assertThat(PoolConfig.of("jdbc:postgresql://h/d?sslpassword=" + SECRET + "&ssl=true", "u", "p"))
                .hasToString("PoolConfig[url=jdbc:postgresql://h/d?sslpassword=…&ssl=true, user=u, maximumSize=10]");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> PoolConfig.of("jdbc:postgresql://h/d", "u", "p").maximumSize(0))
                .withMessage("PoolConfig.maximumSize must be 1 to 1000 but is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> PoolConfig.of("jdbc:postgresql://h/d", "u", "p").connectionTimeout(Duration.ZERO))
                .withMessage("PoolConfig.connectionTimeout must be 250 ms to 10 minutes but is PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RoutingSagaStore.builder().schema("Robert'); DROP"))
                .withMessageContaining("RoutingSagaStore.schema must match");
        assertThatIllegalStateException()
                .isThrownBy(() -> RoutingSagaStore.builder().schema("a").schema("b"))
                .withMessageContaining("RoutingSagaStore.schema was set before");
        assertThat(PoolConfig.of("jdbc:postgresql://h/d", "u", SECRET).toString())
                .doesNotContain(SECRET);
    }

    private static RoutingSagaStore.Builder store(PoolConfig write) {
        return RoutingSagaStore.builder().write(write);
    }

    private static ThrowableAssertAlternative<StoreConfigurationException> refused(RoutingSagaStore.Builder builder) {
        return assertThatExceptionOfType(StoreConfigurationException.class)
                .isThrownBy(() -> builder.build().close());
    }
}
