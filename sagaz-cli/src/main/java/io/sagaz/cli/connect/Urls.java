package io.sagaz.cli.connect;

import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/** Reads URLs as people give them. Pure. */
final class Urls {
    private static final Pattern LIBPQ = Pattern.compile("postgres(ql)?://.*");

    private Urls() {}

    /**
     * The way of a URL of the driver ({@code jdbc:postgresql://…}) or of libpq ({@code postgresql://…}).
     *
     * @param setting by which name it was given, for the message
     * @throws IllegalArgumentException if it is none, or carries a user or password; the message shows neither
     */
    static Way way(String setting, String given) {
        String url = LIBPQ.matcher(given).matches()
                ? "jdbc:postgresql://" + given.substring(given.indexOf("//") + 2)
                : given;
        String authority = url.replaceFirst("^[a-z:]*//", "").split("[/?]", 2)[0];
        if (authority.contains("@")) {
            throw new IllegalArgumentException(
                    setting + " must not carry a user or password: give them with --user and in SAGAZ_DB_PASSWORD");
        }
        Properties parsed = url.startsWith("jdbc:postgresql:") ? Driver.parseURL(url, null) : null;
        if (parsed == null) {
            int parameters = given.indexOf('?');
            throw new IllegalArgumentException(
                    setting + " must look like jdbc:postgresql://host:port/database?parameter=value, but is "
                            + (parameters < 0 ? given : given.substring(0, parameters)));
        }
        if (parsed.getProperty("user") != null || parsed.getProperty("password") != null) {
            throw new IllegalArgumentException(
                    setting + " must not carry a user or password: give them with --user and in SAGAZ_DB_PASSWORD");
        }
        return new Way(setting, url);
    }
}
