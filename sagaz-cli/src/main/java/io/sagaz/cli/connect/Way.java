package io.sagaz.cli.connect;

/**
 * A URL that was given, and by which name.
 *
 * @param setting the option or variable that gave it, for messages
 * @param url for the driver of PostgreSQL, without user and password
 */
public record Way(String setting, String url) {
    /** Host, port and database, without parameters: some may be secret. */
    public String shown() {
        int parameters = url.indexOf('?');
        return parameters < 0 ? url : url.substring(0, parameters);
    }

    /** Host and port, for comparing: the first of several hosts. */
    public String address() {
        String rest = shown().replaceFirst("^jdbc:postgresql://", "");
        String authority = rest.contains("/") ? rest.substring(0, rest.indexOf('/')) : rest;
        String first = authority.split(",", -1)[0];
        return first.matches(".*:\\d+") ? first : first + ":5432";
    }

    @Override
    public String toString() {
        return setting + " " + shown();
    }
}
