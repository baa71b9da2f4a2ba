package io.sagaz.bench.outbox;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.sagaz.bench.Stage;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** db-scheduler, as its documentation has it for many tasks. */
final class SchedulerDrain implements Drain {
    /** When there is less left than so many tasks for each worker it takes more. */
    static final double LOWER = 4;

    /** Up to so many for each. */
    static final double UPPER = 20;

    private static final Duration POLL = Duration.ofMillis(100);

    private final Stage stage;
    private final Scheduler scheduler;
    private final Published published = new Published();

    /** So many workers, with the connections of the pool. */
    SchedulerDrain(Stage stage, DataSource pool, int workers) {
        this.stage = stage;
        scheduler = Scheduler.create(
                        pool, Tasks.oneTime(SchedulerAppender.PUBLISH).execute((task, context) -> published.add(1)))
                .tableName(SchedulerTable.NAME)
                .threads(workers)
                .pollingInterval(POLL)
                .pollUsingLockAndFetch(LOWER, UPPER)
                .build();
    }

    @Override
    public void start() {
        scheduler.start();
    }

    @Override
    public Published published() {
        return published;
    }

    @Override
    public void settle() throws SQLException {
        OutboxTables.rows(stage, SchedulerTable.NAME).awaitNone();
    }

    @Override
    public void close() {
        scheduler.stop();
    }
}
