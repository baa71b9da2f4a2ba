package io.sagaz.migrations;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * The migrations. They are listed here rather than searched for: that works the same on the class path, on the module
 * path and in a jar within a jar, and finds nothing of the host application's.
 *
 * <p>The first number of a version changes when an older library cannot work with the schema any more.
 */
final class Scripts implements ResourceProvider {
    static final String DIRECTORY = "/META-INF/sagaz/migrations/";

    static final List<String> NAMES = List.of(
            "V1_1__ids.sql",
            "V1_2__partitioning.sql",
            "V1_3__executions.sql",
            "V1_4__outbox.sql",
            "V1_5__inbox.sql",
            "V1_6__audit_log.sql",
            "V1_7__maintenance.sql");

    /** The version that the last script leads to. */
    static final MigrationVersion LATEST = version(NAMES.get(NAMES.size() - 1));

    static MigrationVersion version(String name) {
        return MigrationVersion.fromVersion(name.substring(1, name.indexOf("__")));
    }

    @Override
    public @Nullable LoadableResource getResource(String name) {
        return NAMES.contains(name) ? new Script(name) : null;
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return NAMES.stream()
                .filter(name -> name.startsWith(prefix) && Stream.of(suffixes).anyMatch(name::endsWith))
                .<LoadableResource>map(Script::new)
                .toList();
    }

    private static final class Script extends LoadableResource {
        private final String name;

        Script(String name) {
            this.name = name;
        }

        @Override
        public Reader read() {
            try (InputStream in = Scripts.class.getResourceAsStream(DIRECTORY + name)) {
                if (in == null) {
                    throw new IllegalStateException(DIRECTORY + name + " is missing beside the classes of Sagaz");
                }
                return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String getAbsolutePath() {
            return DIRECTORY + name;
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return getAbsolutePath();
        }

        @Override
        public String getFilename() {
            return name;
        }

        @Override
        public String getRelativePath() {
            return name;
        }
    }
}
