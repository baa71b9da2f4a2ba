package io.sagaz.testkit.store;

import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.Credentials;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.ThreadLeaks;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stores of one test. */
final class TestStores implements AutoCloseable {
    /** Who is about to connect to a server that is down, itself or at a pooler, needs a while to give up. */
    private static final Duration UNTIL_CLOSED = Duration.ofSeconds(20);

    private final TestDatabase database;
    private final Optional<ThreadLeaks> threads;
    private @Nullable RoutingSagaStore store;

    TestStores(TestDatabase database, Optional<ThreadLeaks> threads) {
        this.database = database;
        this.threads = threads;
    }

    RoutingSagaStore store() {
        RoutingSagaStore opened = store;
        if (opened == null) {
            opened = builder().build();
            store = opened;
        }
        return opened;
    }

    RoutingSagaStore.Builder builder() {
        return RoutingSagaStore.builder()
                .write(pool(database.rwUrl(), database.app()))
                .read(pool(database.roUrl(), database.reader()))
                .direct(pool(database.primaryUrl(), database.owner()));
    }

    private static PoolConfig pool(String url, Credentials as) {
        return PoolConfig.of(url, as.user(), as.password());
    }

    /** Fails if afterwards somebody is still connected to the database, or a thread is left. */
    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
        database.awaitUnused(UNTIL_CLOSED);
        threads.ifPresent(leaks -> leaks.awaitNone(UNTIL_CLOSED));
    }
}
