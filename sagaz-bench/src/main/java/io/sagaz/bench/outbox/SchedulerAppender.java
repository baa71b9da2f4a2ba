package io.sagaz.bench.outbox;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** Schedules an event as a task of db-scheduler that is due at once; many in one batch. */
final class SchedulerAppender implements Appender {
    static final TaskDescriptor<String> PUBLISH = TaskDescriptor.of("publish", String.class);

    private final SchedulerClient client;

    SchedulerAppender(DataSource pool) {
        client = SchedulerClient.Builder.create(pool)
                .tableName(SchedulerTable.NAME)
                .build();
    }

    @Override
    public void append(long first, int events) {
        List<TaskInstance<?>> tasks = new ArrayList<>(events);
        for (long number = first; number < first + events; number++) {
            tasks.add(PUBLISH.instance(UUID.randomUUID().toString())
                    .data(Events.payload(number))
                    .build());
        }
        client.scheduleBatch(tasks, Instant.now());
    }
}
