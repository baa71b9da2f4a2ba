package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.io.BufferedReader;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A service writes, and another one, in a process of its own, reads with its tokens while replicas are late and paused. */
class TokensAcrossProcessesIT {
    private static final int CONNECTIONS = 4;
    /** {@code -Dsagaz.token.reads=100000} for the long run. */
    private static final int READS = Integer.getInteger("sagaz.token.reads", 2_000);

    @Test
    void whoHasATokenReadsWhatItsMakerWroteInAnotherProcess() throws Exception {
        long seed = Long.getLong("sagaz.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Topology topology = Stand.topology();
        String schema = Stand.newSchema();
        Stand.builder(schema).build().close();
        String connections = Integer.toString(CONNECTIONS);
        String user = topology.app().user();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        Process reader = OtherProcess.start(
                TokenMain.class,
                topology.app().password(),
                topology.reader().password(),
                "reader",
                connections,
                schema,
                topology.rwUrl(),
                user,
                topology.roUrl(),
                topology.reader().user());
        try (BufferedReader fromReader = reader.inputReader()) {
            String port = OtherProcess.said("PORT ", fromReader).substring("PORT ".length());
            Process writer = OtherProcess.start(
                    TokenMain.class,
                    topology.app().password(),
                    "",
                    "writer",
                    connections,
                    schema,
                    topology.rwUrl(),
                    user,
                    port,
                    Integer.toString(READS));
            try (BufferedReader fromWriter = writer.inputReader()) {
                Future<?> trouble = executor.submit(() -> disturb(writer, new Random(seed)));
                String[] counts = OtherProcess.said("READS ", fromWriter).split(" ", 4);
                System.out.println(counts[1] + " reads by tokens of another process, " + counts[2] + " misses, "
                        + counts[3] + " of them from replicas");
                assertThat(Integer.parseInt(counts[1])).isEqualTo(READS / CONNECTIONS * CONNECTIONS);
                assertThat(counts[2]).as("misses, seed %s", seed).isEqualTo("0");
                assertThat(Integer.parseInt(counts[3])).as("from replicas").isPositive();
                assertThat(writer.waitFor()).isZero();
                assertThat(reader.waitFor()).isZero();
                trouble.get();
            } finally {
                writer.destroyForcibly();
            }
        } finally {
            reader.destroyForcibly();
            executor.shutdownNow();
        }
    }

    /** Pauses one replica or both, while the writer runs. */
    private static boolean disturb(Process writer, Random random) {
        Faults faults = Stand.topology().faults();
        while (writer.isAlive()) {
            if (random.nextInt(4) == 0) {
                faults.pauseReplayEverywhere();
            } else {
                faults.pauseReplay(random.nextInt(Stand.topology().replicas()));
            }
            goOn(writer, random.nextInt(80));
            faults.resumeReplayEverywhere();
            goOn(writer, random.nextInt(300));
        }
        return true;
    }

    /** A while in which the workload goes on, not a wait for something to happen. */
    private static void goOn(Process writer, int millis) {
        long end = System.nanoTime() + millis * 1_000_000L;
        while (writer.isAlive() && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
