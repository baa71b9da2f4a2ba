package io.sagaz.cli.doctor;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.Logging;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.Looking;
import io.sagaz.cli.operate.DeploymentCommand;
import io.sagaz.cli.operate.Times;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz doctor}. */
@Command(
        name = "doctor",
        header = "Finds what is wrong with a deployment, and says why that matters and what helps.",
        description = {
            "Looks at what there is a way to: replicas with --replica-url, poolers with --pgbouncer-url. Changes nothing. What"
                    + " could not be looked at is a finding too. Needs pg_monitor and grant_sagaz_reader, and a role that is"
                    + " in stats_users of the poolers. Findings: docs/operations/doctor.md."
        },
        exitCodeList = {
            "0:nothing was found",
            "1:something critical was found, or it failed",
            "2:not understood",
            "3:only warnings were found, or things that could not be looked at"
        })
public final class DoctorCommand extends DeploymentCommand {
    private static final int WARNINGS = 3;

    @Option(
            names = "--lag",
            paramLabel = "TIME",
            converter = Times.OfClock.class,
            description = "How far a replica may be behind: " + Times.SPANS + ". Default: 30s.")
    private Duration lag = Limits.DEFAULT.lag();

    @Option(
            names = "--held-for",
            paramLabel = "TIME",
            converter = Times.OfClock.class,
            description = "How long somebody may hold vacuum back: " + Times.SPANS + ". Default: 15min.")
    private Duration heldFor = Limits.DEFAULT.heldFor();

    @Option(
            names = "--held-transactions",
            paramLabel = "N",
            description = "Across how many transactions somebody may hold vacuum back. Default: 1000000.")
    private long heldTransactions = Limits.DEFAULT.heldTransactions();

    @Option(
            names = "--accept",
            paramLabel = "ID",
            description = "Leave findings of this kind out, such as setting.idle-in-transaction. May be given again.")
    private List<String> accepted = new ArrayList<>();

    /** In these surroundings. */
    public DoctorCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() {
        if (heldTransactions < 1) {
            throw misuse("--held-transactions must be at least 1, but is " + heldTransactions);
        }
        Set<Id> left = accepted();
        Looking looking = new Looking(deployment(), surroundings().clock());
        Logging.errorsOnly();
        Look look = looking.atAll();
        Diagnosis diagnosis = Diagnosis.of(look, new Limits(lag, heldFor, heldTransactions), left);
        print(json -> write(json, look, diagnosis), lines(look, diagnosis));
        return diagnosis
                .worst()
                .map(worst -> worst == Severity.CRITICAL ? CommandLine.ExitCode.SOFTWARE : WARNINGS)
                .orElse(CommandLine.ExitCode.OK);
    }

    private Set<Id> accepted() {
        Set<Id> ids = EnumSet.noneOf(Id.class);
        for (String text : accepted) {
            ids.add(Id.of(text)
                    .orElseThrow(() -> misuse("--accept must be the id of a finding, such as "
                            + Id.SETTING_IDLE_IN_TRANSACTION.text() + ", but is " + text)));
        }
        return ids;
    }

    private static List<Row> lines(Look look, Diagnosis diagnosis) {
        if (diagnosis.findings().isEmpty()) {
            return List.of(new Row()
                    .add(Style.GOOD, "✓ ")
                    .add("Nothing is wrong with " + String.join(", ", seen(look)) + notSeen(look)));
        }
        List<Row> lines = new ArrayList<>();
        for (Finding finding : diagnosis.findings()) {
            lines.add(new Row()
                    .add(style(finding.severity()), finding.severity().name() + " ")
                    .add(Style.BOLD, finding.id().text())
                    .add("  " + finding.subject()));
            for (String part : List.of(finding.what() + ".", finding.why(), finding.remedy())) {
                lines.add(new Row().add("  ").add(part.equals(finding.remedy()) ? "→ " + part : part));
            }
            lines.add(new Row());
        }
        lines.add(new Row().add(Style.DIM, "Looked at " + String.join(", ", seen(look)) + notSeen(look)));
        return lines;
    }

    private static String notSeen(Look look) {
        List<String> not = notLookedAt(look);
        return not.isEmpty() ? "" : "; not looked at: " + String.join(", ", not);
    }

    private static List<String> seen(Look look) {
        return Stream.concat(
                        look.ways().stream().map(way -> way.name()),
                        Stream.concat(
                                look.poolers().stream()
                                        .map(pooler -> pooler.name() + " "
                                                + pooler.way().address()),
                                Stream.of("schema", "partitions", "outbox")))
                .toList();
    }

    private static List<String> notLookedAt(Look look) {
        List<String> not = new ArrayList<>();
        for (String way : List.of(Look.PRIMARY, Look.RW, Look.RO)) {
            if (look.way(way).isEmpty()) {
                not.add(way + " (--" + way + "-url)");
            }
        }
        if (look.replicas().isEmpty()) {
            not.add("replicas (--replica-url)");
        }
        if (look.poolers().isEmpty()) {
            not.add("poolers (--pgbouncer-url)");
        }
        return not;
    }

    private static Style style(Severity severity) {
        return severity == Severity.CRITICAL ? Style.BAD : Style.NOTABLE;
    }

    private static void write(JsonGenerator json, Look look, Diagnosis diagnosis) throws IOException {
        json.writeStartObject();
        json.writeStringField("at", look.at().toString());
        json.writeBooleanField("healthy", diagnosis.findings().isEmpty());
        Optional<Severity> worst = diagnosis.worst();
        json.writeStringField("worst", worst.map(Severity::name).orElse("NONE"));
        json.writeArrayFieldStart("findings");
        for (Finding finding : diagnosis.findings()) {
            json.writeStartObject();
            json.writeStringField("id", finding.id().text());
            json.writeStringField("severity", finding.severity().name());
            json.writeStringField("subject", finding.subject());
            json.writeStringField("what", finding.what());
            json.writeStringField("why", finding.why());
            json.writeStringField("remedy", finding.remedy());
            json.writeEndObject();
        }
        json.writeEndArray();
        texts(json, "lookedAt", seen(look));
        texts(json, "notLookedAt", notLookedAt(look));
        json.writeEndObject();
    }

    private static void texts(JsonGenerator json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
