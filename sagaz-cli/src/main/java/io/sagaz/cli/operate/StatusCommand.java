package io.sagaz.cli.operate;

import io.sagaz.cli.JsonDocument;
import io.sagaz.cli.Logging;
import io.sagaz.cli.Surroundings;
import io.sagaz.cli.connect.Deployment;
import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.Looking;
import io.sagaz.cli.look.PoolerLook;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sagaz status}. */
@Command(
        name = "status",
        header = "Shows servers, roles, lag, slots, pools, partitions and the outbox.",
        description =
                "Shows what there is a way to: replicas with --replica-url, pools with --pgbouncer-url. To see all of it"
                        + " the role needs pg_monitor and grant_sagaz_reader, and stats_users must name it. Judges nothing: that is"
                        + " what doctor does.",
        exitCodeList = {
            "0:all that was asked for has answered",
            "1:failed, or something did not answer",
            "2:not understood"
        })
public final class StatusCommand extends DeploymentCommand {
    private static final int LONGEST = 3_600;

    @Option(names = "--pool", description = "Show the pools only, each by itself.")
    private boolean pool;

    @Option(
            names = "--watch",
            paramLabel = "SECONDS",
            arity = "0..1",
            fallbackValue = "2",
            description = "Show it again and again until Ctrl-C, every 2 seconds or as often as this says.")
    private Optional<Integer> watch = Optional.empty();

    /** In these surroundings. */
    public StatusCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (watch.isPresent() && isJson()) {
            throw misuse("--watch and --json do not go together: --json prints one document");
        }
        if (watch.isPresent() && (watch.get() < 1 || watch.get() > LONGEST)) {
            throw misuse("--watch must be from 1 to " + LONGEST + ", but is " + watch.get());
        }
        Deployment deployment = deployment();
        if (pool && deployment.consoles().isEmpty()) {
            throw misuse("--pool needs --pgbouncer-url (or SAGAZ_PGBOUNCER_URLS)");
        }
        Logging.errorsOnly();
        Looking looking = new Looking(deployment, surroundings().clock());
        if (watch.isEmpty()) {
            View view = look(looking);
            print(view.document(), view.lines());
            return view.complete() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
        watch(looking, Duration.ofSeconds(watch.get()));
        return CommandLine.ExitCode.OK;
    }

    /**
     * What is shown.
     *
     * @param complete whether everything has answered
     */
    private record View(JsonDocument.Content document, List<Row> lines, boolean complete) {}

    private View look(Looking looking) {
        if (pool) {
            List<PoolerLook> poolers = looking.poolers();
            return new View(
                    json -> StatusJson.writePools(json, poolers),
                    StatusView.pools(poolers),
                    poolers.stream().allMatch(pooler -> pooler.state().known().isPresent()));
        }
        Look look = looking.atAll();
        boolean complete = Stream.concat(
                                look.ways().stream()
                                        .map(way -> way.state().known().isPresent()),
                                look.poolers().stream()
                                        .map(pooler -> pooler.state().known().isPresent()))
                        .allMatch(answers -> answers)
                && look.unknowns().findAny().isEmpty();
        return new View(json -> StatusJson.write(json, look), StatusView.of(look), complete);
    }

    private void watch(Looking looking, Duration interval) throws InterruptedException {
        Terminal out = surroundings().out().get();
        out.openScreen();
        try {
            do {
                List<Row> lines = look(looking).lines();
                if (out.isScreen()) {
                    out.draw(lines);
                } else {
                    lines.forEach(out::line);
                    out.line("");
                }
            } while (!surroundings().shutdown().await(interval));
        } finally {
            out.closeScreen();
        }
    }
}
