package io.sagaz.storage.postgres.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Asks the primary what became of a transaction. */
@FunctionalInterface
public interface CommitInquiry {
    /** What became of it. */
    enum Fate {
        /** It was committed. */
        COMMITTED,
        /** It was not, and cannot be any more. */
        ROLLED_BACK,
        /** It is still under way. */
        UNDER_WAY,
        /** This server cannot tell, now or later. */
        UNTOLD
    }

    /** Asks in a statement of its own. */
    Fate ask(Connection connection, CommitMark mark) throws SQLException;
}
