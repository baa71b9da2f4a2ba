package io.sagaz.cli.operate;

import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.MigrationReport;
import io.sagaz.migrations.SagazMigrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz migrate}: what the migration job of a deployment needs of it. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        header = "Brings the schema of Sagaz up to date.",
        sortOptions = false)
public final class MigrateCommand implements Callable<Integer> {
    @Option(names = "--primary-url", required = true, paramLabel = "URL", description = "The primary, as a JDBC URL.")
    private String primary = "";

    @Option(names = "--user", required = true, paramLabel = "ROLE", description = "The owner of the tables.")
    private String user = "";

    @Option(
            names = "--password-file",
            required = true,
            paramLabel = "FILE",
            description = "A file whose first line is the password.")
    private Path passwordFile = Path.of("");

    @Option(names = "--writer", paramLabel = "ROLE", description = "A role of services. May be given again.")
    private List<String> writers = new ArrayList<>();

    @Option(names = "--reader", paramLabel = "ROLE", description = "A role of dashboards. May be given again.")
    private List<String> readers = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        String password = Files.readString(passwordFile).lines().findFirst().orElse("");
        MigrationConfig config = MigrationConfig.of(primary, user, password);
        for (String role : writers) {
            config = config.withWriter(role);
        }
        for (String role : readers) {
            config = config.withReader(role);
        }
        MigrationReport report = SagazMigrations.of(config).migrate();
        System.out.println("Schema " + report.schemaVersion() + ": " + report.applied() + " migrations applied");
        return CommandLine.ExitCode.OK;
    }
}
