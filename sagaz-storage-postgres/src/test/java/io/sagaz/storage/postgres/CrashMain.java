package io.sagaz.storage.postgres;

import io.sagaz.storage.CrashPoints.Point;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.testkit.CrashPlan;

/** A service that starts a saga, and is killed meanwhile. */
final class CrashMain {
    private CrashMain() {}

    /** The same whoever starts it, and whenever. */
    static NewSaga saga() {
        return NewSaga.named("order").idempotencyKey("42").emit(OutboxEvent.to("orders"));
    }

    /** Arguments: write URL, user, schema, where it is killed; the password is in the environment. */
    public static void main(String[] arguments) {
        Point point = Point.valueOf(arguments[3]);
        try (RoutingSagaStore store = RoutingSagaStore.builder()
                .write(PoolConfig.of(arguments[0], arguments[1], System.getenv("SAGAZ_PASSWORD"))
                        .maximumSize(1))
                .schema(arguments[2])
                .migrations(MigrationMode.CHECK)
                .crashPoints(CrashPlan.killJvm(point))
                .build()) {
            System.out.println("BEGIN");
            if (point == Point.BEFORE_COMMIT || point == Point.AFTER_COMMIT) {
                store.inTransaction(tx -> tx.start(saga()));
            } else {
                store.start(saga());
            }
            System.out.println("END");
        }
    }
}
