package io.sagaz.bench.reads;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.postgres.internal.sql.Schema;
import io.sagaz.storage.postgres.internal.sql.SqlSagaReads;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** Says of each connection that it is for reading, which leads to a replica. */
final class SwitchingFinder implements Finder {
    private final DataSource source;
    private final List<HikariDataSource> pools;
    private final SqlSagaReads sql = new SqlSagaReads(new Schema("public"));

    /**
     * Over a data source that splits reads from writes.
     *
     * @param pools to be closed with it
     */
    SwitchingFinder(DataSource source, HikariDataSource... pools) {
        this.source = source;
        this.pools = List.of(pools);
    }

    @Override
    public Found find(SagaId id) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setReadOnly(true);
            return Found.of(sql.find(connection, id), Word.NONE);
        }
    }

    @Override
    public void close() {
        pools.forEach(HikariDataSource::close);
    }
}
