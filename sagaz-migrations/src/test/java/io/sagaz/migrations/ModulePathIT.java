package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.migrations.Lab.Database;
import io.sagaz.migrations.Lab.Route;
import io.sagaz.migrations.internal.schema.Scripts;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;
import org.slf4j.Logger;

/** Tests run on the class path; this one works as a program on the module path does. */
@Lab
class ModulePathIT {
    @Test
    void migratesInNamedModules(Database database) throws Exception {
        Path[] path = Stream.of(
                        SagazMigrations.class,
                        Flyway.class,
                        Class.forName("org.flywaydb.database.postgresql.PostgreSQLDatabaseType"),
                        Driver.class,
                        Logger.class,
                        NullMarked.class)
                .map(ModulePathIT::home)
                .toArray(Path[]::new);
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration = boot.configuration()
                .resolveAndBind(ModuleFinder.of(path), ModuleFinder.of(), Set.of("io.sagaz.migrations"));
        // The parent must not know the classes of the class path, or they would be taken from there.
        ModuleLayer layer = boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());

        Class<?> config = layer.findLoader("io.sagaz.migrations").loadClass(MigrationConfig.class.getName());
        Class<?> migrations = layer.findLoader("io.sagaz.migrations").loadClass(SagazMigrations.class.getName());
        MigrationConfig ours = database.config(Route.DIRECT);
        Object theirs = config.getMethod("of", String.class, String.class, String.class)
                .invoke(null, ours.url(), ours.user(), ours.password());
        Object subject = migrations.getMethod("of", config).invoke(null, theirs);
        Object report = migrations.getMethod("migrate").invoke(subject);

        assertThat(migrations).isNotSameAs(SagazMigrations.class);
        assertThat(migrations.getModule().isNamed()).isTrue();
        assertThat(report.toString()).contains("applied=" + Scripts.NAMES.size());
        assertThat(migrations.getModule().getPackages().stream().filter(migrations.getModule()::isExported))
                .containsExactly("io.sagaz.migrations");
        assertThat(List.of(path)).doesNotHaveDuplicates();
    }

    private static Path home(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
