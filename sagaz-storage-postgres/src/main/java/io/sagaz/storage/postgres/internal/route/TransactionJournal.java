package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.SagaId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a transaction has written, until it ends. For one thread. */
public final class TransactionJournal implements RecordedWrites.Journal {
    private final List<Consumer<RecordedWrites.Journal>> entries = new ArrayList<>();

    @Override
    public void wrote(SagaId id) {
        entries.add(journal -> journal.wrote(id));
    }

    @Override
    public void wrote(String name, String idempotencyKey) {
        entries.add(journal -> journal.wrote(name, idempotencyKey));
    }

    @Override
    public void emitted() {
        entries.add(RecordedWrites.Journal::emitted);
    }

    /** Tells another journal all of it. */
    public void copyTo(RecordedWrites.Journal journal) {
        entries.forEach(entry -> entry.accept(journal));
    }
}
