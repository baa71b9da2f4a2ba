package io.sagaz.bench.outbox;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Pools;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.util.EnumMap;
import java.util.Map;

/** Everybody who appends, with connections through PgBouncer-RW. Closed at the end. */
final class Authors implements AutoCloseable {
    private final RoutingSagaStore store;
    private final HikariDataSource pool;
    private final Map<Author, Appender> appenders = new EnumMap<>(Author.class);

    /** Opens a store, and a pool for the others, each with so many connections. */
    Authors(Stage stage, int connections) {
        store = Stores.open(stage, connections);
        pool = Pools.open(stage.through(), connections);
        appenders.put(Author.SAGAZ, (first, events) -> store.emit(Events.of(first, events)));
        appenders.put(Author.ROWS, new RowsAppender(pool));
        appenders.put(Author.COPY, new CopyAppender(pool));
        appenders.put(Author.STATUS_TABLE, new StatusTable(pool));
        appenders.put(Author.TRANSACTION_OUTBOX, new ScheduledAppender(pool));
        appenders.put(Author.DB_SCHEDULER, new SchedulerAppender(pool));
    }

    Appender of(Author author) {
        Appender appender = appenders.get(author);
        if (appender == null) {
            throw new IllegalArgumentException(author + " is not there");
        }
        return appender;
    }

    @Override
    public void close() {
        store.close();
        pool.close();
    }
}
