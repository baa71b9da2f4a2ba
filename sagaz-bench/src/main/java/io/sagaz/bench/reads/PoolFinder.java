package io.sagaz.bench.reads;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.postgres.internal.sql.Schema;
import io.sagaz.storage.postgres.internal.sql.SqlSagaReads;
import java.sql.Connection;
import java.sql.SQLException;

/** A bare pool: wherever its connections lead. */
final class PoolFinder implements Finder {
    private final HikariDataSource pool;
    private final SqlSagaReads sql = new SqlSagaReads(new Schema("public"));

    PoolFinder(HikariDataSource pool) {
        this.pool = pool;
    }

    @Override
    public Found find(SagaId id) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return Found.of(sql.find(connection, id), Word.NONE);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
