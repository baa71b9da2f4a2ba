package io.sagaz.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A database of a {@link Topology} for one test: {@link Topology#newDatabase()}. It is reached by the same ways and with the same
 * roles as the main one. Thread-safe. Whoever asked for it closes it.
 */
public final class TestDatabase implements AutoCloseable {
    private final Cluster cluster;
    private final String name;

    TestDatabase(Cluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
    }

    /** Fills a database, once for all copies of it. */
    @FunctionalInterface
    public interface Preparation {
        /**
         * Makes what each copy shall have: tables, functions, rows. Neither closes the database nor keeps a connection to it.
         *
         * @param database empty, with nobody else in it
         * @throws SQLException ends the making of the template
         */
        void prepare(TestDatabase database) throws SQLException;
    }

    /**
     * Its name.
     *
     * @return a lower-case identifier, for no other database of this topology, earlier or later
     */
    public String name() {
        return name;
    }

    /**
     * Its URL through PgBouncer-RW, as {@link Topology#rwUrl()}.
     *
     * @return a JDBC URL without user and password
     */
    public String rwUrl() {
        return cluster.writes().url(name) + Topology.WITHOUT_PREPARING;
    }

    /**
     * Its URL through PgBouncer-RO, as {@link Topology#roUrl()}.
     *
     * @return a JDBC URL without user and password
     */
    public String roUrl() {
        return cluster.reads().url(name);
    }

    /**
     * Its URL on the primary itself, as {@link Topology#primaryUrl()}.
     *
     * @return a JDBC URL without user and password
     */
    public String primaryUrl() {
        return cluster.primary().url(name);
    }

    /**
     * Its URL on a replica itself, as {@link Topology#replicaUrl(int)}.
     *
     * @param index number of the replica, from 0
     * @return a JDBC URL without user and password
     */
    public String replicaUrl(int index) {
        return cluster.replica(index).url(name);
    }

    /**
     * The superuser.
     *
     * @return as {@link Topology#superuser()}
     */
    public Credentials superuser() {
        return cluster.roles().superuser();
    }

    /**
     * The owner, for migrations.
     *
     * @return as {@link Topology#owner()}
     */
    public Credentials owner() {
        return cluster.roles().owner();
    }

    /**
     * The application.
     *
     * @return as {@link Topology#app()}
     */
    public Credentials app() {
        return cluster.roles().app();
    }

    /**
     * The dashboards.
     *
     * @return as {@link Topology#reader()}
     */
    public Credentials reader() {
        return cluster.roles().reader();
    }

    /**
     * Opens a connection, as {@link Topology#connect(String, Credentials)}; the caller closes it.
     *
     * @param url one of the URLs of this database
     * @param as who logs in
     * @return a new connection
     * @throws SQLException as the driver says
     */
    public Connection connect(String url, Credentials as) throws SQLException {
        return Jdbc.connect(url, as);
    }

    /**
     * Blocks until each running replica shows what was committed before, as {@link Topology#awaitReplicas(Duration)}.
     *
     * @param atMost how long to wait for one replica
     * @throws TopologyException when one has not caught up in time, or fails
     */
    public void awaitReplicas(Duration atMost) {
        cluster.awaitReplicas(atMost);
    }

    /**
     * Blocks until nobody is connected to this database, neither directly nor through a pooler: whoever is still there has
     * leaked a connection. What a pooler keeps open to a server for later clients does not count, and who stands still or is
     * down is not asked.
     *
     * @param atMost how long to wait; what was just closed is gone within milliseconds
     * @throws TopologyException when somebody is still there, naming role, way and application of each
     */
    public void awaitUnused(Duration atMost) {
        if (!Await.holds(atMost, () -> Clients.of(cluster, name).isEmpty())) {
            throw new TopologyException("Connections to the database " + name + " were not closed, " + atMost
                    + " after they should have been: " + String.join("; ", Clients.of(cluster, name)));
        }
    }

    /**
     * Drops this database, and ends the connections to it that there still are. Further calls do nothing.
     *
     * @throws TopologyException when it was not dropped, for example because the primary is down
     */
    @Override
    public void close() {
        cluster.databases().drop(name);
    }

    /**
     * Name and place, without secrets.
     *
     * @return for people
     */
    @Override
    public String toString() {
        return "TestDatabase[" + primaryUrl() + "]";
    }
}
