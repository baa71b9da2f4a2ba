package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.Topology;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Writers of every kind (synchronous, asynchronous, open transactions that write and wait), two replicas that are well, late,
 * paused, cut off, restarted and promoted, and readers that take the store at its word: whatever was acknowledged before the
 * moment that the bound names must be in the answer. {@code -Dsagaz.bound.checks=20000} for the long run.
 */
class StalenessBoundIT {
    private static final int CHECKS = Integer.getInteger("sagaz.bound.checks", 3_000);
    /** Samples of the primary are taken about so often. */
    private static final double INTERVAL_NANOS = 250e6;

    private static final int LEAST_TIMES = 2;

    /** What is done to the replicas, again and again, and how it is mended. */
    private enum Trouble {
        NONE {
            @Override
            void make(Faults faults, Random random, Mending mending) {
                // All is well.
            }
        },
        LATE {
            @Override
            void make(Faults faults, Random random, Mending mending) {
                int replica = random.nextInt(2);
                faults.delayReplay(replica, Duration.ofMillis(50 + random.nextInt(600)));
                mending.by(() -> faults.replayAtOnce(replica));
            }
        },
        PAUSED {
            @Override
            void make(Faults faults, Random random, Mending mending) {
                if (random.nextBoolean()) {
                    faults.pauseReplayEverywhere();
                } else {
                    faults.pauseReplay(random.nextInt(2));
                }
                mending.by(faults::resumeReplayEverywhere);
            }
        },
        CUT {
            @Override
            void make(Faults faults, Random random, Mending mending) {
                int replica = random.nextInt(2);
                faults.cutReplica(replica);
                mending.by(() -> faults.followPrimary(replica));
            }
        },
        RESTARTED {
            @Override
            void make(Faults faults, Random random, Mending mending) {
                int replica = random.nextInt(2);
                if (random.nextBoolean()) {
                    faults.killReplica(replica);
                } else {
                    faults.stopReplica(replica);
                }
                mending.by(() -> faults.startReplica(replica));
            }
        },
        /** The last, for nothing mends it. */
        PROMOTED {
            @Override
            void make(Faults faults, Random random, Mending mending) {
                faults.promote(random.nextInt(2));
            }
        };

        abstract void make(Faults faults, Random random, Mending mending);
    }

    private static final class Mending {
        private Runnable steps = () -> {};

        void by(Runnable how) {
            steps = how;
        }
    }

    @Test
    void whateverWasAcknowledgedBeforeTheBoundIsSeen() throws Exception {
        long seed = Long.getLong("sagaz.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Witness.Tally> tallies = new ArrayList<>();
        try (Topology topology = Topology.builder().replicas(2).start()) {
            try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                    Statement statement = owner.createStatement()) {
                statement.execute("CREATE TABLE bulk (v text)");
            }
            try (RoutingSagaStore store = Stand.on(topology).build();
                    Witness witness = new Witness(store, "bounded", seed)) {
                witness.writing()
                        .writingAsynchronously()
                        .leavingOpen("public")
                        .reading()
                        .reading();
                witness.awaitFreshReplica();
                for (Trouble trouble : Trouble.values()) {
                    Witness.Tally tally = witness.scenario(trouble.name().toLowerCase(Locale.ROOT));
                    // Half of all for the replicas that are well, whose bounds are printed.
                    int share = trouble == Trouble.NONE ? CHECKS / 2 : CHECKS / 10;
                    long enough = witness.checks() + share;
                    int times = 0;
                    do {
                        Mending mending = new Mending();
                        if (times == 0 || trouble != Trouble.PROMOTED) {
                            trouble.make(topology.faults(), random, mending);
                        }
                        witness.awaitChecks(20 + random.nextInt(100));
                        mending.steps.run();
                        witness.awaitChecks(20 + random.nextInt(100));
                        times++;
                    } while (witness.checks() < enough || times < LEAST_TIMES);
                    // Of two replicas behind one pooler, the one that is well must be found first.
                    witness.awaitFreshReplica();
                    tallies.add(tally);
                }
                witness.stop();
                tallies.forEach(System.out::println);
                System.out.printf(Locale.ROOT, "%d checks, %d violations%n", witness.checks(), witness.violations());
                print(tallies.get(0).bounds());
                assertThat(witness.violations()).as(witness.description()).isZero();
            }
        }
        for (Witness.Tally tally : tallies) {
            assertThat(tally.ofReplicas()).as("answers of replicas, %s", tally).isPositive();
            assertThat(tally.compared()).as("sagas compared, %s", tally).isPositive();
        }
    }

    private static void print(List<Long> bounds) {
        System.out.printf(
                Locale.ROOT,
                "bounds of %d answers of replicas that are well, in sampling intervals: p50 %.2f, p99 %.2f, p99.9 %.2f,"
                        + " max %.2f (target: p99.9 below 2.5)%n",
                bounds.size(),
                quantile(bounds, 0.5),
                quantile(bounds, 0.99),
                quantile(bounds, 0.999),
                quantile(bounds, 1));
    }

    private static double quantile(List<Long> sorted, double part) {
        return sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * part)) / INTERVAL_NANOS;
    }
}
