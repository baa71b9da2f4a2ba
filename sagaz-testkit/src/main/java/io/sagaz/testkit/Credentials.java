package io.sagaz.testkit;

import java.util.Objects;

/**
 * A role of the database and its password, which is random and lives as long as its topology. Immutable.
 *
 * @param user name of the role
 * @param password its password in plain text; left out of {@link #toString()}
 */
public record Credentials(String user, String password) {
    /**
     * Refuses missing parts.
     *
     * @param user name of the role
     * @param password its password in plain text
     */
    public Credentials {
        Objects.requireNonNull(user, "Credentials.user");
        Objects.requireNonNull(password, "Credentials.password");
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + ", password=(hidden)]";
    }
}
