package io.sagaz.bench.reads;

import io.sagaz.bench.ReplicaSet;
import java.sql.SQLException;

/** What is wrong while somebody looks. */
enum Scenario {
    /** Nothing: but the replicas are told later than the reader. */
    AFTER_WRITE(
            "read directly after a write",
            "Each look is for a saga that the same thread has just started; the replicas follow as fast as they can.") {
        @Override
        void begin(ReplicaSet replicas) {
            // As it is.
        }

        @Override
        void end(ReplicaSet replicas) {
            // Nothing to mend.
        }
    },
    /** Replay is paused. */
    PAUSED(
            "replay of the replicas paused",
            "The replicas have stopped to replay, the sagas were started after that, and longer ago than Sagaz is asked for.") {
        @Override
        void begin(ReplicaSet replicas) {
            replicas.pause();
        }

        @Override
        void end(ReplicaSet replicas) {
            replicas.resume();
        }
    },
    /** Nothing arrives. */
    CUT(
            "WAL receivers of the replicas cut",
            "The replicas have lost the primary and replay what they have; the sagas were started after that, and longer ago than"
                    + " Sagaz is asked for.") {
        @Override
        void begin(ReplicaSet replicas) throws SQLException, InterruptedException {
            replicas.cut();
        }

        @Override
        void end(ReplicaSet replicas) throws SQLException, InterruptedException {
            replicas.mend();
        }
    },
    /** One is dead. */
    KILLED(
            "a replica killed",
            "One of the replicas was killed after everybody's connections were open; the other one goes on. The sagas were there"
                    + " before.") {
        @Override
        void begin(ReplicaSet replicas) {
            replicas.kill(replicas.count() - 1);
        }

        @Override
        void end(ReplicaSet replicas) {
            replicas.start(replicas.count() - 1);
        }
    };

    private final String title;
    private final String how;

    Scenario(String title, String how) {
        this.title = title;
        this.how = how;
    }

    String title() {
        return title;
    }

    String how() {
        return how;
    }

    /** Whether the replicas do not follow. */
    boolean isStandstill() {
        return this == PAUSED || this == CUT;
    }

    /** Brings it about. */
    abstract void begin(ReplicaSet replicas) throws SQLException, InterruptedException;

    /** Mends it. */
    abstract void end(ReplicaSet replicas) throws SQLException, InterruptedException;
}
