package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.init.Deployed;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EntranceIT {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Path FOLDER = Path.of("/srv/shop");

    private static Topology topology;
    private static Deployed deployed;

    private final List<String> words = new ArrayList<>();

    @BeforeAll
    static void start() {
        topology = Topology.builder().start();
        deployed = deployed(topology.owner());
    }

    @AfterAll
    static void stop() {
        topology.close();
    }

    private static Deployed deployed(Credentials owner) {
        return new Deployed(
                topology.rwUrl(),
                topology.roUrl(),
                topology.primaryUrl(),
                List.of(topology.replicaUrl(0)),
                login(owner),
                login(topology.app()),
                login(topology.reader()),
                false,
                FOLDER);
    }

    private static Deployed.Login login(Credentials role) {
        return new Deployed.Login(role.user(), role.password());
    }

    private static String place(String url) {
        return url.replaceFirst("^jdbc:postgresql://", "").replaceFirst("\\?.*", "");
    }

    @Test
    void whereAllAnswerNobodyWaits() throws InterruptedException {
        Entrance.to(deployed).await(words::add);

        assertThat(words).isEmpty();
    }

    @Test
    void whatDoesNotAnswerIsNamedWithItsPlaceAndHowItIsStarted() {
        topology.faults().killReadPooler();
        try {
            assertThatExceptionOfType(CommandFailedException.class)
                    .isThrownBy(() -> Entrance.to(deployed).await(words::add))
                    .withMessageStartingWith("The deployment in /srv/shop takes no login at PgBouncer-RO ("
                            + place(topology.roUrl()) + "). The first says: ")
                    .withMessageEndingWith("If it is not started: see SAGAZ.md in /srv/shop");
            assertThat(words).as("no failover can be under way").isEmpty();
        } finally {
            topology.faults().startReadPooler();
        }
    }

    @Test
    void whoComesBackInTimeIsWaitedFor() throws InterruptedException {
        topology.faults().killWritePooler();
        boolean[] started = {false};
        try {
            Entrance.waiting(deployed, LONG).await(said -> {
                words.add(said);
                topology.faults().startWritePooler();
                started[0] = true;
            });
        } finally {
            if (!started[0]) {
                topology.faults().startWritePooler();
            }
        }
        assertThat(words)
                .containsExactly("Waiting for PgBouncer-RW (" + place(topology.rwUrl()) + "), for up to 60 s.");
    }

    @Test
    void whoRefusesThePasswordIsNotWaitedFor() {
        Deployed wrong = deployed(new Credentials(topology.owner().user(), "nicht-richtig"));

        assertThatExceptionOfType(CommandFailedException.class)
                .isThrownBy(() -> Entrance.waiting(wrong, LONG).await(words::add))
                .withMessageContaining("primary (" + place(topology.primaryUrl()) + ")")
                .withMessageContaining("sagaz_owner")
                .withMessageEndingWith(". The roles have other passwords than .env says.")
                .withMessageNotContaining("nicht-richtig");
        assertThat(words).isEmpty();
    }
}
