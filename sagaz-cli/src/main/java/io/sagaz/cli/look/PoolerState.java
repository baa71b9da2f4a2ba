package io.sagaz.cli.look;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A PgBouncer as it is.
 *
 * @param version its version
 * @param settings its settings
 * @param databases its databases, its console excepted
 * @param pools its pools, its console's excepted
 */
public record PoolerState(Version version, Map<String, String> settings, List<Database> databases, List<Pool> pools) {
    private static final String CONSOLE = "pgbouncer";

    /** Copies them. */
    public PoolerState {
        settings = Map.copyOf(settings);
        databases = databases.stream()
                .filter(database -> !database.name().equals(CONSOLE))
                .toList();
        pools = pools.stream().filter(pool -> !pool.database().equals(CONSOLE)).toList();
    }

    /**
     * A version of PgBouncer.
     *
     * @param major the first number
     * @param minor the second
     */
    public record Version(int major, int minor) {
        /** Reads it from {@code PgBouncer 1.18.0}. */
        static Version parse(String text) {
            String[] numbers = text.replaceFirst("^[^0-9]*", "").split("[^0-9]+", -1);
            if (numbers.length < 2 || numbers[0].isEmpty() || numbers[1].isEmpty()) {
                throw new IllegalArgumentException("No version of PgBouncer: " + text);
            }
            return new Version(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
        }

        /** Whether it is this one or a later one. */
        public boolean isAtLeast(int otherMajor, int otherMinor) {
            return major > otherMajor || (major == otherMajor && minor >= otherMinor);
        }

        @Override
        public String toString() {
            return major + "." + minor;
        }
    }

    /**
     * A database of a pooler.
     *
     * @param name its name for clients
     * @param target host and port of the server
     * @param poolMode its own mode; empty if that of the pooler holds
     * @param poolSize the most connections of a pool
     * @param paused whether nobody is served
     */
    public record Database(String name, String target, String poolMode, int poolSize, boolean paused) {}

    /**
     * The connections of a role to a database.
     *
     * @param database the database
     * @param user the role
     * @param mode session, transaction or statement
     * @param clientsActive clients that have a server connection, or want none now
     * @param clientsWaiting clients that wait for one
     * @param serversActive server connections that a client has
     * @param serversIdle server connections that nobody has
     * @param longestWait how long the client waits that has waited longest
     */
    public record Pool(
            String database,
            String user,
            String mode,
            int clientsActive,
            int clientsWaiting,
            int serversActive,
            int serversIdle,
            Duration longestWait) {}

    /** The most server connections of a pool, as far as that is known: 0 if not. */
    public int poolSize(Pool pool) {
        return databases.stream()
                .filter(database -> database.name().equals(pool.database()))
                .mapToInt(Database::poolSize)
                .findFirst()
                .orElse(0);
    }

    /** The mode in which a database is pooled. */
    public String mode(Database database) {
        return database.poolMode().isEmpty() ? settings.getOrDefault("pool_mode", "session") : database.poolMode();
    }
}
