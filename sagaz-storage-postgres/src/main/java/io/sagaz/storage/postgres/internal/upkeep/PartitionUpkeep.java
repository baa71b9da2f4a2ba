package io.sagaz.storage.postgres.internal.upkeep;

import io.sagaz.migrations.MaintenanceReport;
import io.sagaz.migrations.MigrationException;
import io.sagaz.migrations.PartitionAction;
import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.PartitionMaintenance;
import io.sagaz.storage.postgres.internal.meters.PartitionMeters;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Maintains the partitions at once and then again and again, in one thread of its own. Safe for threads. */
public final class PartitionUpkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionUpkeep.class);

    private static final Duration AFTER_A_FAILURE = Duration.ofMinutes(1);
    /** It is never in the middle of something that must not be cut off; what it waits for, it waits for 5 seconds. */
    private static final Duration LONGEST_GOODBYE = Duration.ofSeconds(10);

    private final PartitionMaintenance maintenance;
    private final PartitionMeters meters;
    private final Duration interval;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private Set<String> kept = Set.of();

    /** Starts the thread. */
    public PartitionUpkeep(PartitionMaintenance maintenance, PartitionMeters meters, Duration interval) {
        this.maintenance = maintenance;
        this.meters = meters;
        this.interval = interval;
        thread = new Thread(this::run, "sagaz-partitions");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            do {
                boolean well = maintain();
                // Instances that started together do not stay together.
                double jitter = 0.9 + 0.2 * ThreadLocalRandom.current().nextDouble();
                Duration pause = well || interval.compareTo(AFTER_A_FAILURE) < 0 ? interval : AFTER_A_FAILURE;
                if (closed.await((long) (pause.toMillis() * jitter), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } while (!Thread.currentThread().isInterrupted());
        } catch (InterruptedException e) {
            LOG.debug("The maintenance of partitions was interrupted: the store is being closed");
        }
    }

    private boolean maintain() {
        long begin = System.nanoTime();
        int errors = 0;
        try {
            MaintenanceReport report = maintenance.run();
            errors = report.of(Kind.FAIL).size();
            tellOfKept(report);
            meters.statistics(maintenance.statistics());
        } catch (MigrationException e) {
            if (closed.getCount() > 0) {
                errors = 1;
                LOG.warn(
                        "The partitions could not be maintained; trying again in {}: {}",
                        AFTER_A_FAILURE,
                        e.getMessage());
            }
        } catch (RuntimeException e) {
            errors = 1;
            LOG.error("The partitions could not be maintained; trying again in {}", AFTER_A_FAILURE, e);
        }
        meters.maintained(Duration.ofNanos(System.nanoTime() - begin), errors);
        return errors == 0;
    }

    /** Once for each change, not every hour. */
    private void tellOfKept(MaintenanceReport report) {
        Set<String> now = report.of(Kind.KEEP).stream()
                .map(PartitionAction::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        if (!now.equals(kept)) {
            kept = now;
            LOG.info("Partitions that have expired and are still needed: {}", now.isEmpty() ? "none" : now);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        try {
            thread.join(LONGEST_GOODBYE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
