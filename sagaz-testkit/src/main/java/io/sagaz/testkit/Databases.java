package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Databases beside the main one, each a copy of a template. Thread-safe.
 *
 * <p>PostgreSQL copies only what nobody is connected to, so a template is sealed when it is ready: it takes no more connections,
 * and those that there are, such as a pooler keeps, are ended.
 *
 * <p>From version 15 on a copy is written to the WAL page by page (wal_log). The other way, file_copy, makes two checkpoints of
 * the whole server for each copy, which the writes of all tests beside would feel; it pays for templates far larger than these.
 */
final class Databases {
    private static final Duration CATCH_UP = Duration.ofMinutes(1);
    private static final int FIRST_WITH_STRATEGY = 15;

    private final Cluster cluster;
    private final AtomicInteger number = new AtomicInteger();
    private final ExecutorService beside = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "sagaz-testkit-databases");
        thread.setDaemon(true);
        return thread;
    });
    private final Template plain = new Template();
    private final Map<String, Template> templates = new ConcurrentHashMap<>();

    Databases(Cluster cluster) {
        this.cluster = cluster;
    }

    TestDatabase copyOfPlain() {
        return handOver(plain().copies().take());
    }

    TestDatabase copyOf(String name, TestDatabase.Preparation preparation) {
        Template template = templates.computeIfAbsent(name, unused -> new Template());
        return handOver(template.sealed(() -> prepared(plain().name(), name, preparation))
                .copies()
                .take());
    }

    private Sealed plain() {
        return plain.sealed(() -> prepared("template0", "plain", database -> {
            try (Connection superuser = database.connect(database.primaryUrl(), database.superuser())) {
                cluster.roles().grant(superuser);
            }
        }));
    }

    private Sealed prepared(String from, String name, TestDatabase.Preparation preparation) {
        TestDatabase template = handOver(copy(from, "template"));
        boolean ready = false;
        try {
            preparation.prepare(template);
            seal(template.name());
            ready = true;
            return new Sealed(template.name(), new Copies(() -> copy(template.name(), "test"), beside));
        } catch (SQLException e) {
            throw new TopologyException("The template " + name + " was not prepared: " + e.getMessage(), e);
        } finally {
            if (!ready) {
                template.close();
            }
        }
    }

    private void seal(String name) throws SQLException {
        try (Connection server = cluster.primary().administer()) {
            Jdbc.execute(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
            Jdbc.value(server, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = ?", name);
        }
    }

    private String copy(String template, String kind) {
        String name = kind + "_" + number.incrementAndGet();
        try (Connection server = cluster.primary().administer()) {
            Roles.createDatabase(server, name, " TEMPLATE " + template + strategy());
        } catch (SQLException e) {
            throw new TopologyException("The database " + name + " was not made: " + e.getMessage(), e);
        }
        return name;
    }

    private String strategy() {
        return cluster.postgresMajor() < FIRST_WITH_STRATEGY ? "" : " STRATEGY wal_log";
    }

    private TestDatabase handOver(String name) {
        cluster.poolers().forEach(pooler -> pooler.add(name));
        TestDatabase database = new TestDatabase(cluster, name);
        boolean shown = false;
        try {
            cluster.awaitReplicas(CATCH_UP);
            shown = true;
            return database;
        } finally {
            if (!shown) {
                database.close();
            }
        }
    }

    /** Ends all connections to a database, those of poolers too, and drops it; does nothing if it is gone. */
    void drop(String name) {
        try (Connection server = cluster.primary().administer()) {
            Jdbc.execute(server, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        } catch (SQLException e) {
            throw new TopologyException("The database " + name + " was not dropped: " + e.getMessage(), e);
        }
        cluster.poolers().forEach(pooler -> pooler.remove(name));
    }

    /** Makes no more copies ahead; one that is being made fails with the server. */
    void close() {
        beside.shutdownNow();
    }

    /**
     * A template that nobody changes any more.
     *
     * @param name of the database
     * @param copies for tests
     */
    private record Sealed(String name, Copies copies) {}

    /** A template that is made when it is asked for first. */
    private static final class Template {
        private @Nullable Sealed made;

        synchronized Sealed sealed(Supplier<Sealed> making) {
            Sealed sealed = made;
            if (sealed == null) {
                sealed = making.get();
                made = sealed;
            }
            return sealed;
        }
    }
}
