package io.sagaz.bench;

/**
 * How somebody logs in to the database. Immutable.
 *
 * @param url a JDBC URL without user and password
 * @param user name of the role
 * @param password its password; left out of {@link #toString()}
 */
public record Login(String url, String user, String password) {
    @Override
    public String toString() {
        return "Login[url=" + url + ", user=" + user + "]";
    }
}
