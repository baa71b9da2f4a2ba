package io.sagaz.storage.postgres.internal.jdbc;

import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.postgresql.Driver;

/** What the driver is told unless the URL says otherwise: limits without which a dead peer hangs its callers. */
public final class DriverDefaults {
    private DriverDefaults() {}

    /** The settings, by name, that {@code url} leaves open; times are in seconds. */
    public static Map<String, String> of(String url, String applicationName) {
        Map<String, String> defaults = new TreeMap<>(Map.of(
                "ApplicationName", applicationName,
                "connectTimeout", "5",
                "loginTimeout", "5",
                "socketTimeout", "30",
                "tcpKeepAlive", "true"));
        Properties stated = Driver.parseURL(url, null);
        if (stated != null) {
            defaults.keySet().removeIf(stated::containsKey);
        }
        return Map.copyOf(defaults);
    }
}
