package io.sagaz.testkit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies of one template. Whoever asked twice will ask again, so from then on the next copy is made while the last one is in use:
 * the hundreds of files of a database cost a disk a good part of a second. Thread-safe.
 */
final class Copies {
    private final Supplier<String> maker;
    private final Executor beside;
    private boolean askedBefore;
    private @Nullable CompletableFuture<String> ahead;

    /**
     * Makes none yet.
     *
     * @param maker makes a copy, and returns its name
     * @param beside who makes one ahead, until it refuses
     */
    Copies(Supplier<String> maker, Executor beside) {
        this.maker = maker;
        this.beside = beside;
    }

    /** The name of a copy for the caller alone. What failed while nobody waited is tried again, and fails the caller then. */
    String take() {
        CompletableFuture<String> ready = takeAhead();
        String name = ready == null ? maker.get() : finish(ready);
        makeAhead();
        return name;
    }

    private String finish(CompletableFuture<String> ready) {
        try {
            return ready.join();
        } catch (CompletionException e) {
            return maker.get();
        }
    }

    private synchronized @Nullable CompletableFuture<String> takeAhead() {
        CompletableFuture<String> ready = ahead;
        ahead = null;
        return ready;
    }

    private synchronized void makeAhead() {
        if (askedBefore && ahead == null) {
            try {
                ahead = CompletableFuture.supplyAsync(maker, beside);
            } catch (RejectedExecutionException e) {
                // The topology is being closed.
            }
        }
        askedBefore = true;
    }
}
