package io.sagaz.bench.load;

import java.sql.SQLException;

/** What one caller does again and again. Of one thread. */
@FunctionalInterface
public interface Call {
    /** Does it once; false if there is nothing left to do it to. */
    boolean make() throws SQLException;
}
