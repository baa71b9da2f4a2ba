package io.sagaz.migrations;

import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.junit.DatabaseTemplate;
import io.sagaz.testkit.junit.SagazTopology;
import io.sagaz.testkit.junit.TopologyExtension;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A new database for every test that asks for a {@link Database}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SagazTopology
@DatabaseTemplate(Lab.CarefulInstallation.class)
@ExtendWith(Lab.Databases.class)
@interface Lab {
    /** Offers what tests of migrations do with a database. */
    final class Databases implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Database.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return new Database(TopologyExtension.database(context));
        }
    }

    /** The owner owns, the others have what the migrations grant and no more. */
    final class CarefulInstallation implements TestDatabase.Preparation {
        @Override
        public void prepare(TestDatabase database) throws SQLException {
            try (Connection superuser = database.connect(database.primaryUrl(), database.superuser())) {
                Sql.run(superuser, "REVOKE USAGE ON SCHEMA public FROM sagaz_app, sagaz_reader");
                // Nothing rests on what everybody may do, or on what an installation gives beforehand.
                for (String what : List.of("TABLES", "SEQUENCES", "FUNCTIONS", "SCHEMAS")) {
                    Sql.run(
                            superuser,
                            "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner REVOKE ALL ON " + what
                                    + " FROM sagaz_app, sagaz_reader, PUBLIC");
                }
            }
        }
    }

    /**
     * A database and what is done with it.
     *
     * @param test it itself
     */
    record Database(TestDatabase test) {
        String direct() {
            return test.primaryUrl();
        }

        String pooled() {
            return test.rwUrl();
        }

        String url(Route route) {
            return route == Route.DIRECT ? direct() : pooled();
        }

        Connection connect(String url, Credentials as) throws SQLException {
            return test.connect(url, as);
        }

        Connection superuser() throws SQLException {
            return connect(direct(), test.superuser());
        }

        Connection owner() throws SQLException {
            return connect(direct(), test.owner());
        }

        Connection app() throws SQLException {
            return connect(direct(), test.app());
        }

        Connection reader() throws SQLException {
            return connect(direct(), test.reader());
        }

        MigrationConfig config(Route route) {
            return MigrationConfig.of(
                            url(route), test.owner().user(), test.owner().password())
                    .withWriter(test.app().user())
                    .withReader(test.reader().user());
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
            try (Connection connection = test.connect(console, test.superuser())) {
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
