package com.example.shop;

import io.sagaz.outbox.EventPublisher;
import io.sagaz.outbox.OutboxRelay;
import io.sagaz.storage.postgres.RoutingSagaStore;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Publishes events while the application runs: started when all is there, stopped before anything of it is closed. */
@Component
class Relay implements SmartLifecycle {
    private final RoutingSagaStore store;
    private final EventPublisher publisher;
    private OutboxRelay running;

    Relay(RoutingSagaStore store, EventPublisher publisher) {
        this.store = store;
        this.publisher = publisher;
    }

    @Override
    public synchronized void start() {
        // A relay is started once; Spring may start an application again.
        running = OutboxRelay.builder(store.outboxLog())
                .publisher(publisher)
                .build()
                .start();
    }

    @Override
    public synchronized void stop() {
        running.close();
        running = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return running != null;
    }
}
