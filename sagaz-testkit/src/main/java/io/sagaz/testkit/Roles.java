package io.sagaz.testkit;

import static io.sagaz.testkit.Jdbc.literal;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;

/** The roles of a topology, each with no more rights than its part needs. */
record Roles(Credentials superuser, Credentials owner, Credentials app, Credentials reader, Credentials replicator) {
    static final String DATABASE = "sagaz";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private static final int PASSWORD_LENGTH = 24;

    static Roles random() {
        return new Roles(
                withPassword("postgres"),
                withPassword("sagaz_owner"),
                withPassword("sagaz_app"),
                withPassword("sagaz_reader"),
                withPassword("sagaz_replicator"));
    }

    private static Credentials withPassword(String user) {
        return new Credentials(
                user,
                RANDOM.ints(PASSWORD_LENGTH, 0, LETTERS.length())
                        .mapToObj(i -> String.valueOf(LETTERS.charAt(i)))
                        .collect(Collectors.joining()));
    }

    /** Makes the roles and the database, on a connection of the superuser to a new server. */
    void create(Connection connection) throws SQLException {
        Jdbc.execute(
                connection,
                // A statement that fails is logged, and these hold passwords.
                "SET log_min_error_statement = panic",
                "CREATE ROLE sagaz_owner LOGIN PASSWORD " + literal(owner.password()),
                "CREATE ROLE sagaz_app LOGIN PASSWORD " + literal(app.password()),
                "CREATE ROLE sagaz_reader LOGIN PASSWORD " + literal(reader.password()),
                "CREATE ROLE sagaz_replicator LOGIN REPLICATION PASSWORD " + literal(replicator.password()));
        createDatabase(connection, DATABASE, "");
    }

    /** Makes a database of the owner that nobody else may open but the application and the dashboards. */
    static void createDatabase(Connection connection, String name, String options) throws SQLException {
        Jdbc.execute(
                connection,
                "CREATE DATABASE " + name + " OWNER sagaz_owner" + options,
                "REVOKE ALL ON DATABASE " + name + " FROM PUBLIC",
                "GRANT CONNECT ON DATABASE " + name + " TO sagaz_app, sagaz_reader");
    }

    /** Hands out rights, on a connection of the superuser to the new database. */
    void grant(Connection connection) throws SQLException {
        Jdbc.execute(
                connection,
                "ALTER SCHEMA public OWNER TO sagaz_owner",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                "GRANT USAGE ON SCHEMA public TO sagaz_app, sagaz_reader",
                "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner"
                        + " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sagaz_app",
                "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner GRANT USAGE ON SEQUENCES TO sagaz_app",
                "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner GRANT EXECUTE ON FUNCTIONS TO sagaz_app",
                "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner GRANT SELECT ON TABLES TO sagaz_reader",
                "ALTER DEFAULT PRIVILEGES FOR ROLE sagaz_owner GRANT USAGE ON SCHEMAS TO sagaz_app, sagaz_reader");
    }

    /** A text without any of the passwords. */
    String hidden(String text) {
        String result = text;
        for (Credentials role : List.of(superuser, owner, app, reader, replicator)) {
            result = result.replace(role.password(), "(hidden)");
        }
        return result;
    }

    /** The users of the poolers with their SCRAM verifiers, as PgBouncer's auth_file wants them. */
    static String verifiers(Connection connection) throws SQLException {
        StringBuilder lines = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT rolname, rolpassword FROM pg_authid"
                        + " WHERE rolcanlogin AND NOT (rolreplication AND NOT rolsuper) ORDER BY rolname")) {
            while (rows.next()) {
                lines.append('"').append(rows.getString(1)).append("\" \"");
                lines.append(rows.getString(2)).append("\"\n");
            }
        }
        return lines.toString();
    }
}
