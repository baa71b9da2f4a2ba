package io.sagaz.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Settings that belong to the machine rather than to one topology. */
final class Settings {
    static final String SOURCE = "sagaz.testkit.source";
    static final String POSTGRES = "sagaz.testkit.postgres";
    static final String POSTGRES_IMAGE = "sagaz.testkit.image.postgres";
    static final String PGBOUNCER_IMAGE = "sagaz.testkit.image.pgbouncer";
    static final String POSTGRES_BIN = "sagaz.testkit.postgres.bin";
    static final String INSTALLED = "sagaz.testkit.postgres.installed";
    static final String PGBOUNCER = "sagaz.testkit.pgbouncer";
    static final String REDIS = "sagaz.testkit.redis";
    static final String RABBITMQ = "sagaz.testkit.rabbitmq";
    static final String MAVEN = "sagaz.testkit.maven";
    static final String REPOSITORY = "maven.repo.local";
    static final String INSTALL = "sagaz.testkit.install";
    static final String DIRECTORY = "sagaz.testkit.directory";

    private final UnaryOperator<@Nullable String> lookup;

    private Settings(UnaryOperator<@Nullable String> lookup) {
        this.lookup = lookup;
    }

    /** A system property, else the variable of the environment with the same name: {@code a.b} is {@code A_B}. */
    static Settings ofThisProcess() {
        return new Settings(name -> {
            String property = System.getProperty(name);
            return property != null ? property : System.getenv(variable(name));
        });
    }

    static Settings of(UnaryOperator<@Nullable String> lookup) {
        return new Settings(lookup);
    }

    static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    /** Where topologies live: that of temporary files, unless it is said. */
    Path directory() {
        Optional<String> wanted = get(DIRECTORY);
        Path directory = Path.of(wanted.orElseGet(() -> System.getProperty("java.io.tmpdir", "/tmp")));
        if (wanted.isPresent() && !Files.isDirectory(directory)) {
            throw new TopologyException(DIRECTORY + " is " + directory + ", which is not a directory: make it, or leave"
                    + " the setting out for " + System.getProperty("java.io.tmpdir", "/tmp"));
        }
        return directory;
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(lookup.apply(name)).map(String::strip).filter(value -> !value.isEmpty());
    }
}
