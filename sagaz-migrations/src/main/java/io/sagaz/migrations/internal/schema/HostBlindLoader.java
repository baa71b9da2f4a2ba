package io.sagaz.migrations.internal.schema;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Loads what its parent does, but does not find {@code db/…}: every Flyway calls the callbacks that it finds in {@code
 * db/callback}, and those belong to the host application's Flyway.
 */
final class HostBlindLoader extends ClassLoader {
    private static final String HOSTS = "db/";

    HostBlindLoader(ClassLoader parent) {
        super(parent);
    }

    @Override
    public @Nullable URL getResource(String name) {
        return name.startsWith(HOSTS) ? null : super.getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return name.startsWith(HOSTS) ? Collections.emptyEnumeration() : super.getResources(name);
    }
}
