package io.sagaz.bench.reads;

import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import java.sql.SQLException;
import java.util.Optional;

/** Somebody who finds sagas by their ids, all with the same statement. Safe for threads. */
interface Finder extends AutoCloseable {
    /** Finds one with its steps, and says how stale the answer can be if that is known. */
    Found find(SagaId id) throws SQLException;

    /** Lets go of its connections. */
    @Override
    void close();

    /**
     * An answer.
     *
     * @param version of the saga; 0 if it was not there
     * @param word what was said of how stale the answer can be
     */
    record Found(long version, Word word) {
        static Found of(Optional<Saga> saga, Word word) {
            return new Found(saga.map(found -> found.summary().version()).orElse(0L), word);
        }
    }

    /**
     * What was said of how stale an answer can be.
     *
     * @param given whether anything was
     * @param nanos all that was acknowledged longer ago is in the answer; the largest number is no bound
     */
    record Word(boolean given, long nanos) {
        static final Word NONE = new Word(false, Long.MAX_VALUE);
    }
}
