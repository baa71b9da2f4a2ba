package io.sagaz.bench.writes;

import io.sagaz.bench.Login;
import io.sagaz.bench.load.Call;
import io.sagaz.bench.load.Order;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PartitionPolicy;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;

/** Sagaz, through its public methods. */
final class SagazContender implements Contender {
    private final RoutingSagaStore store;
    private final Stock stock;

    SagazContender(Login login, int connections, Stock stock) {
        this.stock = stock;
        store = RoutingSagaStore.builder()
                .write(PoolConfig.of(login.url(), login.user(), login.password())
                        .maximumSize(connections))
                .migrations(MigrationMode.OFF)
                .partitions(PartitionPolicy.leftToOthers())
                .build();
    }

    @Override
    public Call caller(Workload workload) {
        return switch (workload) {
            case NEW_SAGA ->
                () -> {
                    start();
                    return true;
                };
            case STEP -> new StepCall(stock, turn -> apply(turn.id(), turn.version(), succeeded(turn.step())));
            case WHOLE -> () -> whole(true);
            case UNENDED -> () -> whole(false);
        };
    }

    private boolean whole(boolean toTheEnd) {
        StartResult.Started started = start();
        long version = started.version();
        int last = Order.STEPS.size() - 1;
        for (int step = 0; step <= last; step++) {
            SagaChange change = succeeded(step);
            if (step == 0) {
                change = change.andTo(SagaStatus.RUNNING);
            } else if (step == last && toTheEnd) {
                change = change.andTo(SagaStatus.SUCCESS);
            }
            version = apply(started.id(), version, change);
        }
        return true;
    }

    private StartResult.Started start() {
        StartResult result = store.start(Order.saga());
        if (result instanceof StartResult.Started started) {
            return started;
        }
        throw new IllegalStateException("A new saga was not started: " + result);
    }

    private long apply(SagaId id, long version, SagaChange change) {
        ChangeResult result = store.apply(id, version, change.emit(Order.event()));
        if (result instanceof ChangeResult.Applied applied) {
            return applied.version();
        }
        throw new IllegalStateException("A change was not applied: " + result);
    }

    private static SagaChange succeeded(int step) {
        return SagaChange.stepSucceeded(Order.STEPS.get(step), Order.OUTPUT);
    }

    @Override
    public void close() {
        store.close();
    }
}
