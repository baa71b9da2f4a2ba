package io.sagaz.storage.postgres;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Where a pool of connections leads, and how large it is. Immutable: each method returns a changed copy.
 *
 * <p>The URL of a pooler in transaction mode must say {@code prepareThreshold=0}: the driver numbers its prepared
 * statements per client connection, the pooler hands each transaction to any server connection, and a number then means
 * another client's statement. Rows end up in the wrong table without an error. The store refuses to start on such a URL.
 */
public final class PoolConfig {
    private static final int DEFAULT_SIZE = 10;
    private static final int LARGEST_SIZE = 1_000;
    private static final Pattern AUTHORITY_WITH_USER = Pattern.compile("jdbc:postgresql://[^/]*@");
    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("([^?&=]*(?:pass|secret|token)[^=&]*)=[^&]*", Pattern.CASE_INSENSITIVE);

    private final String url;
    private final String user;
    private final String password;
    private final int maximumSize;
    private final Optional<Duration> connectionTimeout;

    private PoolConfig(
            String url, String user, String password, int maximumSize, Optional<Duration> connectionTimeout) {
        this.url = url;
        this.user = user;
        this.password = password;
        this.maximumSize = maximumSize;
        this.connectionTimeout = connectionTimeout;
    }

    /**
     * A pool of at most {@value #DEFAULT_SIZE} connections.
     *
     * @param url a URL of the PostgreSQL driver, without user and password
     * @param user the role to log in as
     * @param password its password; never shown in logs, errors or {@link #toString()}
     * @throws IllegalArgumentException if the URL is not one of the PostgreSQL driver, or carries a user or a password
     */
    public static PoolConfig of(String url, String user, String password) {
        checkUrl(url);
        present("user", user);
        if (user.isBlank()) {
            throw new IllegalArgumentException("PoolConfig.user must not be blank");
        }
        present("password", password);
        return new PoolConfig(url, user, password, DEFAULT_SIZE, Optional.empty());
    }

    /**
     * Sets the most connections that are open at once.
     *
     * @throws IllegalArgumentException unless 1 to {@value #LARGEST_SIZE}
     */
    public PoolConfig maximumSize(int connections) {
        if (connections < 1 || connections > LARGEST_SIZE) {
            throw new IllegalArgumentException(
                    "PoolConfig.maximumSize must be 1 to " + LARGEST_SIZE + " but is " + connections);
        }
        return new PoolConfig(url, user, password, connections, connectionTimeout);
    }

    /**
     * Sets how long a caller waits for a connection. Without it: 5 seconds for writes, half a second for reads, which
     * have the primary to go to.
     *
     * @throws IllegalArgumentException if it is shorter than 250 ms or longer than 10 minutes
     */
    public PoolConfig connectionTimeout(Duration timeout) {
        present("connectionTimeout", timeout);
        if (timeout.compareTo(Duration.ofMillis(250)) < 0 || timeout.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException(
                    "PoolConfig.connectionTimeout must be 250 ms to 10 minutes but is " + timeout);
        }
        return new PoolConfig(url, user, password, maximumSize, Optional.of(timeout));
    }

    /** The URL as it was given. A parameter of it may be a secret: show {@link #shownUrl()} instead. */
    public String url() {
        return url;
    }

    /** The URL for people, with the values of parameters hidden whose names speak of a secret. */
    public String shownUrl() {
        return SECRET_PARAMETER.matcher(url).replaceAll("$1=…");
    }

    /** The role to log in as. */
    public String user() {
        return user;
    }

    /** The password of the role. */
    public String password() {
        return password;
    }

    /** The most connections that are open at once. */
    public int maximumSize() {
        return maximumSize;
    }

    /** How long a caller waits for a connection, if it was set. */
    public Optional<Duration> connectionTimeout() {
        return connectionTimeout;
    }

    /** URL, user and size; never the password. */
    @Override
    public String toString() {
        return "PoolConfig[url=" + shownUrl() + ", user=" + user + ", maximumSize=" + maximumSize + "]";
    }

    private static void checkUrl(@Nullable String given) {
        String url = present("url", given);
        // What stands behind the question mark may hold a secret: it is not shown.
        int question = url.indexOf('?');
        String shown = question < 0 ? url : url.substring(0, question);
        if (AUTHORITY_WITH_USER.matcher(shown).lookingAt()) {
            throw new IllegalArgumentException("PoolConfig.url must not carry a user before the host ("
                    + withoutUserInfo(shown) + "): give user and password to PoolConfig.of(url, user, password)");
        }
        Properties parsed = url.startsWith("jdbc:postgresql:") ? Driver.parseURL(url, null) : null;
        if (parsed == null) {
            throw new IllegalArgumentException(
                    "PoolConfig.url must look like" + " jdbc:postgresql://host:port/database?parameter=value but is \""
                            + withoutUserInfo(shown) + "\"");
        }
        for (String secret : new String[] {"user", "password"}) {
            if (parsed.getProperty(secret) != null) {
                throw new IllegalArgumentException("PoolConfig.url must not carry the parameter " + secret + " ("
                        + shown + "): give it to PoolConfig.of(url, user, password), which keeps it out of the logs");
            }
        }
    }

    private static String withoutUserInfo(String url) {
        return url.replaceAll("//[^/@]*@", "//…@");
    }

    private static <T> T present(String what, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("PoolConfig." + what + " must not be null");
        }
        return value;
    }
}
