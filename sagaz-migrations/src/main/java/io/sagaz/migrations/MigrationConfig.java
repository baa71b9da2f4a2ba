package io.sagaz.migrations;

import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * Which schema of which database, who else works with it, and how long to wait for others. Immutable; {@link #of} and the
 * {@code with} methods make one.
 *
 * @param url JDBC URL of the primary, without user and password. It may lead through a pooler, transaction pooling included
 * @param user who migrates: the owner of the tables
 * @param password its password; left out of {@link #toString()}
 * @param schema where the tables are: lower-case letters, digits and underscores, at most 41. Default: {@code public}
 * @param lockWait how long to wait in total while another instance migrates, and how long to try again when a lock in
 *     the database is in the way of a partition. Positive. Default: 60 seconds
 * @param writers roles that get the rights that services need, as far as they lack them. Default: none
 * @param readers roles that get the rights that dashboards need, as far as they lack them. Default: none
 */
public record MigrationConfig(
        String url,
        String user,
        String password,
        String schema,
        Duration lockWait,
        Set<String> writers,
        Set<String> readers) {
    private static final String DEFAULT_SCHEMA = "public";
    private static final Duration DEFAULT_LOCK_WAIT = Duration.ofSeconds(60);
    private static final Pattern CREDENTIALS = Pattern.compile("[?&](user|password)=");
    private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,40}");

    /**
     * Refuses what cannot work.
     *
     * @throws IllegalArgumentException when a part is not as described
     */
    public MigrationConfig {
        Objects.requireNonNull(url, "MigrationConfig.url");
        Objects.requireNonNull(user, "MigrationConfig.user");
        Objects.requireNonNull(password, "MigrationConfig.password");
        Objects.requireNonNull(schema, "MigrationConfig.schema");
        Objects.requireNonNull(lockWait, "MigrationConfig.lockWait");
        if (Driver.parseURL(url, null) == null) {
            // Not shown: what does not parse may hold a password anywhere.
            throw new IllegalArgumentException("MigrationConfig.url must be a URL that starts with jdbc:postgresql:");
        }
        if (CREDENTIALS.matcher(url).find()) {
            throw new IllegalArgumentException("MigrationConfig.url must not hold user or password: give them as"
                    + " MigrationConfig.user and MigrationConfig.password");
        }
        if (user.isBlank()) {
            throw new IllegalArgumentException("MigrationConfig.user must not be blank");
        }
        if (!SCHEMA.matcher(schema).matches() || schema.startsWith("pg_")) {
            throw new IllegalArgumentException("MigrationConfig.schema must match " + SCHEMA.pattern()
                    + " and not start with pg_, but is " + schema);
        }
        if (lockWait.isNegative() || lockWait.isZero()) {
            throw new IllegalArgumentException("MigrationConfig.lockWait must be positive, but is " + lockWait);
        }
        writers = checkedRoles("writers", writers);
        readers = checkedRoles("readers", readers);
    }

    private static Set<String> checkedRoles(String what, Set<String> roles) {
        for (String role : roles) {
            if (role.isBlank()) {
                throw new IllegalArgumentException("MigrationConfig." + what + " must not hold a blank name");
            }
        }
        return Set.copyOf(roles);
    }

    /**
     * With schema {@code public}, a wait of 60 seconds and no other roles.
     *
     * @param url as the component
     * @param user as the component
     * @param password as the component
     * @return the configuration
     * @throws IllegalArgumentException when a part is not as described
     */
    public static MigrationConfig of(String url, String user, String password) {
        return new MigrationConfig(url, user, password, DEFAULT_SCHEMA, DEFAULT_LOCK_WAIT, Set.of(), Set.of());
    }

    /**
     * The same with another schema.
     *
     * @param other replaces {@link #schema()}
     * @return a new configuration
     * @throws IllegalArgumentException when it is not as described
     */
    public MigrationConfig withSchema(String other) {
        return new MigrationConfig(url, user, password, other, lockWait, writers, readers);
    }

    /**
     * The same with another wait.
     *
     * @param other replaces {@link #lockWait()}
     * @return a new configuration
     * @throws IllegalArgumentException when it is not as described
     */
    public MigrationConfig withLockWait(Duration other) {
        return new MigrationConfig(url, user, password, schema, other, writers, readers);
    }

    /**
     * The same with one more role that writes. {@link SagazMigrations#migrate()} grants it what it lacks of what services
     * need, which only the owner of the tables can do. Without this, call {@code grant_sagaz_writer} in the database.
     *
     * @param role name of a role; the user who migrates needs no grant and may be named
     * @return a new configuration
     * @throws IllegalArgumentException when it is blank
     */
    public MigrationConfig withWriter(String role) {
        return new MigrationConfig(url, user, password, schema, lockWait, plus(writers, role), readers);
    }

    /**
     * The same with one more role that reads. {@link SagazMigrations#migrate()} grants it what it lacks of what dashboards
     * need, which only the owner of the tables can do. Without this, call {@code grant_sagaz_reader} in the database.
     *
     * @param role name of a role; the user who migrates needs no grant and may be named
     * @return a new configuration
     * @throws IllegalArgumentException when it is blank
     */
    public MigrationConfig withReader(String role) {
        return new MigrationConfig(url, user, password, schema, lockWait, writers, plus(readers, role));
    }

    private static Set<String> plus(Set<String> roles, String role) {
        Set<String> more = new HashSet<>(roles);
        more.add(Objects.requireNonNull(role, "role"));
        return more;
    }

    /**
     * The URL for people.
     *
     * @return it without its parameters, some of which may be secret
     */
    public String shownUrl() {
        int parameters = url.indexOf('?');
        return parameters < 0 ? url : url.substring(0, parameters);
    }

    @Override
    public String toString() {
        return "MigrationConfig[url=" + shownUrl() + ", user=" + user + ", password=(hidden), schema=" + schema
                + ", lockWait=" + lockWait + ", writers=" + writers + ", readers=" + readers + "]";
    }
}
