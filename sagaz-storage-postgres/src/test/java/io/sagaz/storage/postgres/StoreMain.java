package io.sagaz.storage.postgres;

import io.sagaz.storage.NewSaga;
import java.io.IOException;

/** A service of its own: when told to by a line, it opens a store and starts a saga; it ends with its standard input. */
final class StoreMain {
    private StoreMain() {}

    public static void main(String[] arguments) throws IOException {
        System.out.println("READY");
        System.in.read();
        try (RoutingSagaStore store = RoutingSagaStore.builder()
                .write(PoolConfig.of(arguments[0], arguments[1], System.getenv("SAGAZ_PASSWORD"))
                        .maximumSize(2))
                .build()) {
            System.out.println("UP " + store.start(NewSaga.named("first")).id());
            while (System.in.read() >= 0) {
                // Lines say nothing more.
            }
        }
        System.out.println("DOWN");
    }
}
