package io.sagaz.storage.postgres.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.testkit.Await;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.TcpProxy;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HikariCP waits longer after each failure that it is told of; so it is told of none. */
class ConnectionsIT {
    private static Topology topology;

    private final ExecutorService opener = Executors.newSingleThreadExecutor();
    private TcpProxy network;
    private Connections connections;

    @BeforeAll
    static void start() {
        topology = Topology.builder().replicas(1).start();
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    @BeforeEach
    void connect() {
        network = TcpProxy.to(topology.rwUrl());
        Credentials app = topology.app();
        connections = new Connections(PoolConfig.of(network.url(), app.user(), app.password()), "test");
    }

    @AfterEach
    void close() {
        opener.shutdownNow();
        network.close();
    }

    @Test
    void theAttemptThatWaitsFindsTheServerWhenItIsBackHoweverOftenItWasNotThere() throws Exception {
        network.refuse(true);
        Future<Connection> attempt = opener.submit(() -> connections.getConnection());
        awaitFailures(5);
        assertThat(attempt).isNotDone();

        network.refuse(false);

        try (Connection connection = attempt.get()) {
            assertThat(connection.isValid(0)).isTrue();
        }
        assertThat(connections.failure()).isEmpty();
    }

    @Test
    void anAttemptGoesOnNoLongerThanThePoolAndTheReasonIsThatOfTheLast() {
        network.refuse(true);
        Future<Connection> attempt = opener.submit(() -> connections.getConnection());
        awaitFailures(1);

        connections.close();

        assertThatThrownBy(attempt::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(SqlStates.of(e)).startsWith("08"));
    }

    private void awaitFailures(int atLeast) {
        Set<SQLException> failures = Collections.newSetFromMap(new IdentityHashMap<>());
        Await.until("failed attempts", () -> {
            connections.failure().ifPresent(failures::add);
            return failures.size() >= atLeast;
        });
    }
}
