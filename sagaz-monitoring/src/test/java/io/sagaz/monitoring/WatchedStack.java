package io.sagaz.monitoring;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.outbox.RetryPolicy;
import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.Lease;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OnStale;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadConsistency.AtMost;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A deployment with everything that watches it: a primary with two replicas, both poolers, a service with a store and a relay that
 * are at work, an exporter beside each server and pooler, and a Prometheus with our configuration, which scrapes every three
 * seconds: an interval is also the time that an exporter has, and it takes one second and more to find a server gone.
 */
final class WatchedStack implements AutoCloseable {
    static final String CLUSTER = "sagaz";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Topology topology;
    private final RoutingSagaStore store;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Prometheus prometheus;
    private volatile boolean closing;
    private volatile @Nullable RuntimeException workFailed;

    WatchedStack(Path directory) throws Exception {
        try {
            topology = opened(Topology.builder().replicas(2).start());
            store = opened(RoutingSagaStore.builder()
                    .write(pool(topology.rwUrl(), topology.app()))
                    .read(pool(topology.roUrl(), topology.reader()))
                    .direct(pool(topology.primaryUrl(), topology.owner()))
                    .meterRegistry(registry)
                    .build());
            String password = UUID.randomUUID().toString();
            asTheManualSays(password);
            opened(relay().start());
            Thread work = new Thread(this::work, "shop");
            work.start();
            open.push(() -> {
                closing = true;
                work.join();
                if (workFailed != null) {
                    throw new IllegalStateException("The service has ended early", workFailed);
                }
            });
            prometheus = watch(directory, password);
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }

    Topology topology() {
        return topology;
    }

    RoutingSagaStore store() {
        return store;
    }

    Prometheus prometheus() {
        return prometheus;
    }

    private static PoolConfig pool(String url, Credentials as) {
        return PoolConfig.of(url, as.user(), as.password());
    }

    /** Makes the role of the exporters with the statements that stand in docs/operations/monitoring.md. */
    private void asTheManualSays(String password) throws SQLException, IOException {
        String manual = Files.readString(Path.of("..", "docs", "operations", "monitoring.md"));
        Matcher sql =
                Pattern.compile("```sql name=role\\n(.*?)```", Pattern.DOTALL).matcher(manual);
        if (!sql.find()) {
            throw new AssertionError("docs/operations/monitoring.md has no block of SQL with the name role");
        }
        try (Connection connection = topology.connect(topology.primaryUrl(), topology.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute(sql.group(1));
            statement.execute("ALTER ROLE sagaz_metrics PASSWORD '" + password + "'");
        }
    }

    /** Refuses every tenth event, which it gives up after two attempts. */
    private OutboxRelay relay() {
        return OutboxRelay.builder(store.outboxLog())
                .name("shop")
                .publisher(event -> event.event().topic().equals("refused")
                        ? CompletableFuture.failedFuture(new EventRefusedException("no such topic", null))
                        : CompletableFuture.completedFuture(null))
                .retries(new RetryPolicy(2, Duration.ofMillis(100), Duration.ofMillis(200)))
                .meterRegistry(registry)
                .build();
    }

    private void work() {
        try {
            for (int i = 0; !closing; i++) {
                workOn(i);
                LockSupport.parkNanos(20_000_000);
            }
        } catch (RuntimeException e) {
            workFailed = e;
        }
    }

    private void workOn(int i) {
        try {
            SagaId id = store.start(NewSaga.named(i % 2 == 0 ? "order" : "refund")
                            .lease(new Lease("shop", Duration.ofSeconds(1))))
                    .id();
            OutboxEvent event = OutboxEvent.to(i % 10 == 0 ? "refused" : "orders")
                    .key("k" + i % 50)
                    .json("{}");
            store.apply(id, 1, SagaChange.to(SagaStatus.RUNNING).emit(event));
            if (i % 50 != 3) {
                store.apply(id, 2, SagaChange.to(i % 100 == 7 ? SagaStatus.FAILED : SagaStatus.SUCCESS));
            }
            store.reads(ReadConsistency.atMost(Duration.ofSeconds(30))).find(id);
            // Each is delivered twice.
            UUID delivery = UUID.nameUUIDFromBytes(Integer.toString(i / 2).getBytes(StandardCharsets.UTF_8));
            store.inbox("billing").process(InboxDelivery.of(delivery), tx -> Optional.empty());
        } catch (StoreException e) {
            // A fault of the test's: so works a service that goes on.
            LockSupport.parkNanos(50_000_000);
        }
    }

    private Prometheus watch(Path directory, String password) throws Exception {
        Map<String, String> files = new LinkedHashMap<>(MonitoringFiles.all());
        WrittenFiles.write(files, directory);
        Path queries = directory.resolve("exporter/queries.yml");
        Map<String, String> servers = new LinkedHashMap<>();
        servers.put("primary", postgresExporter(topology.primaryUrl(), password, queries));
        for (int i = 0; i < topology.replicas(); i++) {
            servers.put("replica-" + (i + 1), postgresExporter(topology.replicaUrl(i), password, queries));
        }
        Map<String, String> poolers = new LinkedHashMap<>();
        poolers.put("rw", poolerExporter(topology.rwUrl(), directory));
        poolers.put("ro", poolerExporter(topology.roUrl(), directory));
        ScrapeTargets targets =
                new ScrapeTargets(CLUSTER, servers, poolers, Map.of("shop", List.of(metricsOfTheService())));

        Path configuration = directory.resolve("prometheus.yml");
        Files.writeString(
                configuration,
                Objects.requireNonNull(MonitoringFiles.all(targets, MonitoringFiles.RUNBOOKS)
                                .get("prometheus.yml"))
                        .replace("\"15s\"", "\"3s\""));
        int port = Daemon.freePort();
        Daemon daemon = opened(Daemon.start(
                List.of(
                        Programs.PROMETHEUS.path().toString(),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port),
                Map.of(),
                directory.resolve("prometheus.log")));
        Prometheus asked = new Prometheus(port);
        await("Prometheus is ready", () -> {
            daemon.requireRunning();
            return asked.isReady();
        });
        return asked;
    }

    private String postgresExporter(String url, String password, Path queries) throws IOException {
        URI server = URI.create(url.substring("jdbc:".length()));
        String address = "127.0.0.1:" + Daemon.freePort();
        opened(Daemon.start(
                List.of(
                        Programs.POSTGRES_EXPORTER.path().toString(),
                        "--web.listen-address=" + address,
                        "--extend.query-path=" + queries,
                        "--disable-default-metrics",
                        "--disable-settings-metrics"),
                Map.of(
                        "DATA_SOURCE_NAME",
                        "postgresql://sagaz_metrics:" + password + "@" + server.getAuthority()
                                + "/sagaz?sslmode=disable"),
                log("postgres-exporter", address, queries.resolveSibling("."))));
        return address;
    }

    private String poolerExporter(String url, Path directory) throws IOException {
        URI pooler = URI.create(url.substring("jdbc:".length()));
        String address = "127.0.0.1:" + Daemon.freePort();
        Credentials admin = topology.superuser();
        opened(Daemon.start(
                List.of(
                        Programs.PGBOUNCER_EXPORTER.path().toString(),
                        "--web.listen-address=" + address,
                        "--pgBouncer.connectionString=postgres://" + admin.user() + ":" + admin.password() + "@"
                                + pooler.getAuthority() + "/pgbouncer?sslmode=disable"),
                Map.of(),
                log("pgbouncer-exporter", address, directory)));
        return address;
    }

    private static Path log(String name, String address, Path directory) {
        return directory.resolve(name + "-" + address.replace(':', '-') + ".log");
    }

    private String metricsOfTheService() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        open.push(() -> server.stop(0));
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** Lets happen what a healthy deployment does not show: reads that are sent away, and writes that are tried again. */
    void goThroughSomeTrouble() {
        topology.faults().pauseReplayEverywhere();
        AtMost strict = ReadConsistency.atMost(Duration.ofMillis(50)).onStale(OnStale.FAIL);
        await("a read is sent away", () -> {
            try {
                store.reads(strict).find(SagaId.next());
                return false;
            } catch (StoreException e) {
                return count("sagaz_store_reads_rejected") > 0;
            }
        });
        topology.faults().resumeReplayEverywhere();
        await("a write was tried again", () -> {
            topology.faults().restartWritePooler();
            return count("sagaz_store_write_repeats") > 0;
        });
    }

    /** Runs a statement of a page, on a replica if it asks about replay. */
    void runs(String page, String statement) {
        String url = statement.contains("wal_replay") ? topology.replicaUrl(0) : topology.primaryUrl();
        try (Connection connection = topology.connect(url, topology.superuser());
                Statement run = connection.createStatement()) {
            run.execute(statement);
        } catch (SQLException e) {
            throw new AssertionError(page + " has a statement that fails: " + statement, e);
        }
    }

    private double count(String prefix) {
        return registry.getMeters().stream()
                .filter(meter -> meter.getId().getName().replace('.', '_').startsWith(prefix))
                .count();
    }

    /** Waits until a condition holds; fails with its name when it does not within two minutes. */
    static void await(String condition, Callable<Boolean> holds) {
        await(() -> condition, holds);
    }

    /** The same; the name is asked for when it has failed. */
    static void await(Supplier<String> condition, Callable<Boolean> holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (holds.call()) {
                    return;
                }
            } catch (Exception e) {
                throw new AssertionError("While waiting until " + condition.get(), e);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("Waited two minutes in vain until " + condition.get());
            }
            LockSupport.parkNanos(100_000_000);
        }
    }

    /** Ends all in the opposite order, whatever fails meanwhile. */
    @Override
    public void close() {
        RuntimeException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                failure = new IllegalStateException("Something did not end", failure == null ? e : failure);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
