package io.sagaz.cli.connect;

/**
 * A role and its password. Immutable; its text has no password.
 *
 * @param user the role
 * @param password its password
 * @param passwordSetting the option or variable that gave the password, for messages
 */
public record Login(String user, String password, String passwordSetting) {
    @Override
    public String toString() {
        return user;
    }
}
