package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.connect.Deployment;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.MigrationException;
import io.sagaz.migrations.MigrationReport;
import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.SagazMigrations;
import io.sagaz.migrations.SchemaStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz migrate}. */
@Command(
        name = "migrate",
        header = "Brings the schema of Sagaz up to date, or checks that it is.",
        description = {
            "Applies the migrations that are missing, in one transaction, makes the partitions that are missing, and grants"
                    + " the roles that are named what they lack. As the owner of the tables (--user), best past the pooler"
                    + " (--primary-url). Of several that migrate at once one does it, and the others wait."
        },
        exitCodeList = {
            "0:the schema is up to date; with --check: this version works with it",
            "1:failed; with --check: the schema, its partitions or the rights of a role do not do",
            "2:not understood, nothing was done"
        })
public final class MigrateCommand extends DeploymentCommand {
    private static final int MOST_WAIT = 3_600;

    @Option(names = "--check", description = "Change nothing, and say whether this version works with the schema.")
    private boolean check;

    @Option(
            names = "--writer",
            paramLabel = "ROLE",
            description = "A role of services: gets, or with --check has, what these need. May be given again.")
    private List<String> writers = new ArrayList<>();

    @Option(
            names = "--reader",
            paramLabel = "ROLE",
            description = "A role of dashboards: gets, or with --check has, what these need. May be given again.")
    private List<String> readers = new ArrayList<>();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait while another migrates, 1 to " + MOST_WAIT + ". Default: 60.")
    private int wait;

    /** In these surroundings. */
    public MigrateCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        if (wait < 1 || wait > MOST_WAIT) {
            throw misuse("--wait must be from 1 to " + MOST_WAIT + ", but is " + wait);
        }
        SagazMigrations migrations = SagazMigrations.of(config(deployment()));
        return check ? check(migrations) : migrate(migrations);
    }

    private MigrationConfig config(Deployment deployment) {
        MigrationConfig config = deployment.migrations().withLockWait(Duration.ofSeconds(wait));
        if (writers.stream().anyMatch(String::isBlank) || readers.stream().anyMatch(String::isBlank)) {
            throw misuse("--writer and --reader must name a role, but one is blank");
        }
        for (String role : writers) {
            config = config.withWriter(role);
        }
        for (String role : readers) {
            config = config.withReader(role);
        }
        return config;
    }

    private int migrate(SagazMigrations migrations) {
        if (!isJson()) {
            progress("Migrating…");
        }
        MigrationReport report = migrations.migrate();
        List<PartitionAction> made = report.partitions().stream()
                .filter(partition -> partition.kind() == PartitionAction.Kind.CREATE)
                .toList();
        Row done = new Row()
                .add(Style.GOOD, "✓ ")
                .add("Schema " + report.schemaVersion() + ": " + counted(report.applied(), "migration") + " applied, "
                        + counted(made.size(), "partition") + " made, in " + Figures.duration(report.took()));
        print(json -> write(json, report, made), List.of(done));
        return CommandLine.ExitCode.OK;
    }

    private static void write(JsonGenerator json, MigrationReport report, List<PartitionAction> made)
            throws IOException {
        json.writeStartObject();
        json.writeNumberField("applied", report.applied());
        json.writeStringField("schemaVersion", report.schemaVersion());
        json.writeArrayFieldStart("createdPartitions");
        for (PartitionAction action : made) {
            json.writeString(action.partition());
        }
        json.writeEndArray();
        json.writeNumberField("tookMillis", report.took().toMillis());
        json.writeEndObject();
    }

    private int check(SagazMigrations migrations) {
        SchemaStatus status = migrations.status();
        Optional<String> problem = problem(migrations);
        if (problem.isPresent() && !isJson()) {
            throw new CommandFailedException(problem.get());
        }
        Row fine = new Row()
                .add(Style.GOOD, "✓ ")
                .add("Schema " + status.version().orElse("-") + " fits this version, which needs " + status.needed()
                        + ", and so do its partitions" + (writers.isEmpty() && readers.isEmpty() ? "" : " and rights"));
        print(
                json -> {
                    json.writeStartObject();
                    json.writeBooleanField("fits", problem.isEmpty());
                    json.writeStringField("state", status.fit().name());
                    Json.optional(json, "schemaVersion", status.version());
                    json.writeStringField("neededVersion", status.needed());
                    Json.optional(json, "problem", problem);
                    json.writeEndObject();
                },
                List.of(fine));
        return problem.isPresent() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private static Optional<String> problem(SagazMigrations migrations) {
        try {
            migrations.check();
            return Optional.empty();
        } catch (MigrationException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static String counted(int count, String what) {
        return String.format(Locale.ROOT, "%d %s%s", count, what, count == 1 ? "" : "s");
    }
}
