package io.sagaz.migrations.internal.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
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
public final class Scripts implements ResourceProvider {
    static final String DIRECTORY = "/META-INF/sagaz/migrations/";

    /** Their names, in order. */
    public static final List<String> NAMES = List.of(
            "V1_1__ids.sql",
            "V1_2__partitioning.sql",
            "V1_3__executions.sql",
            "V1_4__outbox.sql",
            "V1_5__relays.sql",
            "V1_6__inbox.sql",
            "V1_7__audit_log.sql",
            "V1_8__writes.sql",
            "V1_9__retention.sql",
            "V1_10__maintenance.sql",
            "V1_11__roles.sql",
            "V1_12__dashboards.sql",
            "V1_13__inbox_and_dead_letters.sql",
            "V1_14__relay.sql");

    /** A primary key makes an index of the name of its constraint. */
    private static final Pattern MADE = Pattern.compile("\\b(?:CREATE (?:(?:(?:UNLOGGED )?TABLE|VIEW|SEQUENCE|FUNCTION)"
            + " \\$\\{sagazSchema}\\.|INDEX )|CONSTRAINT (?=\\w+ PRIMARY KEY))(\\w+)");

    /** The version that the last script leads to. */
    public static final MigrationVersion LATEST = version(NAMES.get(NAMES.size() - 1));

    static MigrationVersion version(String name) {
        return MigrationVersion.fromVersion(name.substring(1, name.indexOf("__")));
    }

    /** The names of the relations and functions that the scripts behind a version make and those before it do not. */
    static Set<String> objectsMadeAfter(MigrationVersion version) {
        Set<String> before = new HashSet<>();
        Set<String> after = new TreeSet<>();
        for (String name : NAMES) {
            MADE.matcher(text(name))
                    .results()
                    .map(made -> made.group(1))
                    .forEach((version(name).compareTo(version) > 0 ? after : before)::add);
        }
        after.removeAll(before);
        return after;
    }

    private static String text(String name) {
        try (InputStream in = Scripts.class.getResourceAsStream(DIRECTORY + name)) {
            if (in == null) {
                throw new IllegalStateException(DIRECTORY + name + " is missing beside the classes of Sagaz");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
            return new StringReader(text(name));
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
