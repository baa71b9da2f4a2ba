package io.sagaz.bench.writes;

import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Workflow;
import io.sagaz.bench.Login;
import io.sagaz.bench.load.Call;
import io.sagaz.bench.load.Order;
import io.sagaz.bench.load.Pools;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A workflow of DBOS with three steps that do nothing but give their output. DBOS runs only while it is measured, for it has
 * threads that look into the database.
 */
final class DbosContender implements Contender {
    static final String SCHEMA = "dbos";

    /** Given a pool, DBOS keeps one of its connections to listen on, whatever its settings say. */
    private static final int LISTENING = 1;

    private final HikariDataSource pool;
    private @Nullable DBOS running;
    private @Nullable OrderWorkflow workflow;

    DbosContender(Login login, int connections) {
        pool = Pools.open(login, connections + LISTENING);
    }

    /** Makes its tables; the pool is the owner's. */
    static void migrate(DataSource pool) {
        try (DBOS dbos = new DBOS(config(pool).withMigrate(true))) {
            dbos.registerProxy(OrderWorkflow.class, new Steps(dbos));
            dbos.launch();
        }
    }

    private static DBOSConfig config(DataSource pool) {
        return DBOSConfig.defaults("bench")
                .withDataSource(pool)
                .withDatabaseSchema(SCHEMA)
                .withMigrate(false)
                .withAppVersion("1")
                .withExecutorId("bench")
                .withSchedulerPollingInterval(Duration.ofHours(1));
    }

    private record Steps(DBOS dbos) implements OrderWorkflow {
        @Override
        @Workflow(name = "order")
        public String carryOut(String context) {
            for (String step : Order.STEPS) {
                dbos.<String, RuntimeException>runStep(() -> Order.OUTPUT, step);
            }
            return Order.OUTPUT;
        }
    }

    @Override
    public void ready(Workload workload) {
        DBOS dbos = new DBOS(config(pool));
        workflow = dbos.registerProxy(OrderWorkflow.class, new Steps(dbos));
        dbos.launch();
        running = dbos;
    }

    @Override
    public Call caller(Workload workload) {
        OrderWorkflow order = workflow;
        if (workload != Workload.WHOLE || order == null) {
            throw new IllegalArgumentException("Not compared, or not ready: " + workload);
        }
        return () -> {
            order.carryOut(Order.CONTEXT);
            return true;
        };
    }

    @Override
    public void rest() {
        if (running != null) {
            running.close();
            running = null;
            workflow = null;
        }
    }

    @Override
    public void close() {
        rest();
        pool.close();
    }
}
