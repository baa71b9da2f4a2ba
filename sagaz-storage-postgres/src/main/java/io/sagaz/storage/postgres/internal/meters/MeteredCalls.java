package io.sagaz.storage.postgres.internal.meters;

import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.jdbc.RepeatableCall;

/** Times the calls of another. */
public final class MeteredCalls implements ConnectionRunner {
    private final ConnectionRunner runner;
    private final StoreMeters meters;

    /** Times these calls. */
    public MeteredCalls(ConnectionRunner runner, StoreMeters meters) {
        this.runner = runner;
        this.meters = meters;
    }

    @Override
    public <T> T run(String operation, RepeatableCall<T> call) {
        return meters.time(operation, () -> runner.run(operation, call));
    }
}
