package io.sagaz.migrations;

import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One topology for all tests, and a new database for every test that asks for a {@link Database}. */
final class Lab implements ParameterResolver {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Database.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Topology topology = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(Lab.class))
                .computeIfAbsent(
                        Topology.class, key -> Topology.builder().replicas(1).start(), Topology.class);
        return Database.create(topology, "test_" + NUMBER.incrementAndGet());
    }

    /** A database of a careful installation: the owner owns, the others have what the migrations grant and no more. */
    record Database(Topology topology, String name) {
        static Database create(Topology topology, String name) {
            try (Connection server = topology.connect(topology.primaryUrl(), topology.superuser())) {
                Sql.run(server, "CREATE DATABASE " + name + " OWNER sagaz_owner");
                Sql.run(server, "REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
                Sql.run(server, "GRANT CONNECT ON DATABASE " + name + " TO sagaz_app, sagaz_reader");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            Database database = new Database(topology, name);
            try (Connection superuser = database.connect(database.direct(), topology.superuser())) {
                for (String grant : List.of(
                        "ALTER SCHEMA public OWNER TO sagaz_owner",
                        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                        // Nothing rests on what everybody may do, or on what an installation gives beforehand.
                        "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")) {
                    Sql.run(superuser, grant);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return database;
        }

        String direct() {
            return topology.primaryUrl().replace("/" + topology.database(), "/" + name);
        }

        String pooled() {
            return topology.rwUrl().replace("/" + topology.database(), "/" + name);
        }

        String url(Route route) {
            return route == Route.DIRECT ? direct() : pooled();
        }

        Connection connect(String url, Credentials as) throws SQLException {
            return topology.connect(url, as);
        }

        Connection superuser() throws SQLException {
            return connect(direct(), topology.superuser());
        }

        Connection owner() throws SQLException {
            return connect(direct(), topology.owner());
        }

        Connection app() throws SQLException {
            return connect(direct(), topology.app());
        }

        Connection reader() throws SQLException {
            return connect(direct(), topology.reader());
        }

        MigrationConfig config(Route route) {
            return MigrationConfig.of(
                            url(route),
                            topology.owner().user(),
                            topology.owner().password())
                    .withWriter(topology.app().user())
                    .withReader(topology.reader().user());
        }

        MigrationConfig config(Route route, Credentials as) {
            return MigrationConfig.of(url(route), as.user(), as.password());
        }

        SagazMigrations migrations() {
            return SagazMigrations.of(config(Route.DIRECT));
        }

        PartitionMaintenance maintenance(Route route) {
            return PartitionMaintenance.of(config(route));
        }

        /** Meanwhile PgBouncer-RW opens at most so many backends for each pair of database and user. */
        void withBackends(int most, Action action) throws Exception {
            setBackends(most);
            try {
                action.run();
            } finally {
                setBackends(25);
            }
        }

        void setBackends(int most) throws SQLException {
            console("SET default_pool_size = " + most);
        }

        private void console(String command) throws SQLException {
            String url = pooled();
            String console =
                    url.substring(0, url.lastIndexOf('/')) + "/pgbouncer?preferQueryMode=simple&replication=false";
            try (Connection connection = topology.connect(console, topology.superuser())) {
                Sql.run(connection, command);
            }
        }
    }

    /** Something to do. */
    interface Action {
        void run() throws Exception;
    }

    /** The two ways to the primary. */
    enum Route {
        DIRECT,
        POOLED
    }
}
