package io.sagaz.cli.connect;

/**
 * A role and its password. Immutable; its text has no password.
 *
 * @param user the role
 * @param password its password
 */
public record Login(String user, String password) {
    @Override
    public String toString() {
        return user;
    }
}
