package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.ServerLook;
import io.sagaz.cli.look.ServerState;
import java.util.Properties;
import java.util.stream.Stream;
import org.postgresql.Driver;

/** URLs have the driver do nothing that is unsafe on their way. */
final class DriverSettings implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.ways().stream().flatMap(DriverSettings::judge);
    }

    private static Stream<Finding> judge(ServerLook way) {
        Properties url = Driver.parseURL(way.way().url(), new Properties());
        String subject = way.name() + " at " + way.way().shown();
        Stream.Builder<Finding> findings = Stream.builder();
        boolean pooled = way.state().known().filter(ServerState::pooled).isPresent();
        if (way.name().equals(Look.RW) && pooled && url != null && !"0".equals(url.getProperty("prepareThreshold"))) {
            findings.add(new Finding(
                    Id.DRIVER_PREPARED_STATEMENTS,
                    Severity.CRITICAL,
                    subject,
                    "It leads through a pooler and lacks prepareThreshold=0",
                    "The driver numbers its prepared statements, and the pooler gives a number of one client to another:"
                            + " rows land in the wrong table without an error. A store refuses to start on it.",
                    "Add prepareThreshold=0 to the URL, there and wherever else it is used."));
        }
        if (url != null && "0".equals(url.getProperty("socketTimeout"))) {
            findings.add(
                    new Finding(
                            Id.DRIVER_SOCKET_TIMEOUT,
                            Severity.WARNING,
                            subject,
                            "It says socketTimeout=0",
                            "Whoever asks a server that has frozen, or that a firewall forgot, waits for ever.",
                            "Leave socketTimeout away (a store has 30 seconds), or set more than your longest statement takes."));
        }
        return findings.build();
    }
}
