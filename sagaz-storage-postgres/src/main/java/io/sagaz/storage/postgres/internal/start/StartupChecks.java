package io.sagaz.storage.postgres.internal.start;

import io.sagaz.storage.StoreConfigurationException;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.internal.jdbc.DriverDefaults;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks each URL before a pool is opened on it. Each check that fails throws one
 * {@link StoreConfigurationException} that names the setting, its value and the remedy, and changes nothing.
 */
public final class StartupChecks {
    private static final Logger LOG = LoggerFactory.getLogger(StartupChecks.class);
    private static final int OLDEST_VERSION = 140_000;
    private static final int NEWEST_MAJOR = 18;
    /** Identifiers carry the time of this host, and partitions are there for yesterday and the days ahead. */
    private static final Duration CLOCKS_APART = Duration.ofHours(1);

    private static final String LOGIN_SECONDS = "30";

    private StartupChecks() {}

    /** The write URL leads to a primary that takes writes, of a version that is supported. */
    public static ServerFacts checkWrite(PoolConfig config) {
        try (Connection connection = connect(config)) {
            ServerFacts facts = ServerFacts.ask(connection);
            checkPrimary("write", config, facts);
            checkPreparedStatements("write", config, facts);
            if (facts.clockAhead().abs().compareTo(CLOCKS_APART) > 0) {
                throw new StoreConfigurationException(
                        "The clock of this host and that of " + facts.name() + " are "
                                + facts.clockAhead().abs()
                                + " apart, and at most " + CLOCKS_APART + " is allowed: identifiers carry this host's"
                                + " time, and decide the partition. Set the clocks (NTP) and start again.",
                        null);
            }
            return facts;
        } catch (SQLException e) {
            throw unreachable("write", config, e);
        }
    }

    /** The direct URL leads to the same primary. */
    public static void checkDirect(PoolConfig config, PoolConfig write, ServerFacts primary) {
        try (Connection connection = connect(config)) {
            ServerFacts facts = ServerFacts.ask(connection);
            checkPrimary("direct", config, facts);
            checkPreparedStatements("direct", config, facts);
            checkCluster("direct", config, facts, write, primary);
        } catch (SQLException e) {
            throw unreachable("direct", config, e);
        }
    }

    /**
     * The read URL leads to servers of the same cluster, and not through transaction pooling. Replicas that cannot be
     * reached are no reason not to start: a service must be able to restart during their outage.
     */
    public static void checkRead(
            PoolConfig config, PoolConfig write, Optional<PoolConfig> direct, ServerFacts primary) {
        List<PoolConfig> ways = Stream.concat(direct.stream(), Stream.of(write)).toList();
        try (Connection connection = connect(config)) {
            ServerFacts facts = ServerFacts.ask(connection);
            checkVersion("read", config, facts);
            checkPreparedStatements("read", config, facts);
            checkCluster("read", config, facts, write, primary);
            if (facts.pooled()) {
                checkSessionPooling(config, connection);
            }
            if (!facts.standby()) {
                LOG.warn(
                        "read: {} leads to {}, which is no replica; its reads go to the primary",
                        config.shownUrl(),
                        facts.name());
            }
        } catch (SQLException e) {
            if (isRefusal(e) || (isPoolerCondition(e) && !isKnown(config, ways))) {
                throw unreachable("read", config, e);
            }
            LOG.warn(
                    "read: no replica answers at {}; reads go to the primary until one does: {}",
                    config.shownUrl(),
                    e.getMessage());
        }
    }

    /**
     * Whether the role can log in somewhere. A pooler has one SQLState for a wrong password and for a server that is
     * down; roles are those of the whole cluster, so the primary can tell which it is.
     */
    private static boolean isKnown(PoolConfig role, List<PoolConfig> ways) {
        return ways.stream().anyMatch(way -> {
            try (Connection connection = connect(PoolConfig.of(way.url(), role.user(), role.password()))) {
                return connection.isValid(5);
            } catch (SQLException e) {
                LOG.debug("{} cannot log in at {}", role.user(), way.url(), e);
                return false;
            }
        });
    }

    private static void checkPrimary(String setting, PoolConfig config, ServerFacts facts) {
        checkVersion(setting, config, facts);
        if (facts.standby() || facts.readOnly()) {
            throw new StoreConfigurationException(
                    setting + ": " + config.shownUrl() + " leads to " + facts.name() + ", which only reads ("
                            + (facts.standby() ? "it is a standby" : "default_transaction_read_only is on")
                            + "). Point it at the primary, or at the pooler in front of the primary.",
                    null);
        }
    }

    private static void checkVersion(String setting, PoolConfig config, ServerFacts facts) {
        if (facts.versionNumber() < OLDEST_VERSION) {
            throw new StoreConfigurationException(
                    setting + ": " + config.shownUrl() + " leads to PostgreSQL " + facts.version()
                            + ", but 14 is the oldest version that is supported. Upgrade the server.",
                    null);
        }
        if (facts.versionNumber() / 10_000 > NEWEST_MAJOR) {
            LOG.warn(
                    "{}: PostgreSQL {} is newer than {}, the newest version this release was tested with",
                    setting,
                    facts.version(),
                    NEWEST_MAJOR);
        }
    }

    private static void checkPreparedStatements(String setting, PoolConfig config, ServerFacts facts) {
        Properties url = Driver.parseURL(config.url(), null);
        boolean off = url != null && "0".equals(url.getProperty("prepareThreshold"));
        // Session pooling, which reads need, keeps prepared statements apart; transaction pooling is refused there.
        if (facts.pooled() && !off && !setting.equals("read")) {
            throw new StoreConfigurationException(
                    setting + ": " + config.shownUrl()
                            + " goes through a pooler but lacks prepareThreshold=0. The driver"
                            + " would number its prepared statements, the pooler would give a number of one client to"
                            + " another, and rows would end up in the wrong table without an error. Add"
                            + " prepareThreshold=0 to the URL.",
                    null);
        }
    }

    private static void checkCluster(
            String setting, PoolConfig config, ServerFacts facts, PoolConfig write, ServerFacts primary) {
        if (facts.systemIdentifier() != primary.systemIdentifier()) {
            throw new StoreConfigurationException(
                    setting + ": " + config.shownUrl() + " leads to " + facts.name() + " of cluster "
                            + facts.systemIdentifier() + ", but write: " + write.shownUrl() + " leads to cluster "
                            + primary.systemIdentifier() + ". Both must lead to servers of one cluster.",
                    null);
        }
    }

    private static void checkSessionPooling(PoolConfig config, Connection first) throws SQLException {
        try (Connection second = connect(config)) {
            if (PoolingProbe.sharesBackends(first, second)) {
                throw new StoreConfigurationException(
                        "read: " + config.shownUrl()
                                + " goes through a pooler in transaction mode. How fresh a replica is"
                                + " is asked before a read, and both must reach the same replica. Set"
                                + " pool_mode=session for this pool.",
                        null);
            }
        }
    }

    private static Connection connect(PoolConfig config) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(DriverDefaults.of(config.url(), "sagaz-start"));
        // Many instances that start at once keep the server and each other waiting.
        properties.computeIfPresent("loginTimeout", (name, seconds) -> LOGIN_SECONDS);
        properties.put("user", config.user());
        properties.put("password", config.password());
        return DriverManager.getConnection(config.url(), properties);
    }

    /** Whether somebody answered and said no, which waiting does not mend. */
    private static boolean isRefusal(SQLException e) {
        String state = SqlStates.of(e);
        return state.startsWith("28") || state.equals("3D000") || state.equals("42501") || state.equals("08004");
    }

    private static boolean isPoolerCondition(SQLException e) {
        return SqlStates.of(e).equals(SqlStates.POOLER_CONDITION);
    }

    private static StoreConfigurationException unreachable(String setting, PoolConfig config, SQLException e) {
        return new StoreConfigurationException(
                setting + ": no session at " + config.shownUrl() + " as " + config.user() + " (SQLState "
                        + SqlStates.of(e) + ": " + e.getMessage() + "). " + remedy(e),
                e);
    }

    private static String remedy(SQLException e) {
        String state = SqlStates.of(e);
        if (state.startsWith("28")) {
            return "Check user and password, and pg_hba.conf or the pooler's auth_file.";
        }
        return switch (state) {
            case "3D000" -> "Create the database, or correct its name in the URL.";
            case "42501" -> "Grant the role what it lacks.";
            case SqlStates.POOLER_CONDITION ->
                "The pooler refused: check user, password and database, and whether the server behind it runs.";
            default -> "Check host and port, and whether the server runs.";
        };
    }
}
