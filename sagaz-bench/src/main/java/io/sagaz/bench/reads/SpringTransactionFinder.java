package io.sagaz.bench.reads;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.postgres.internal.sql.Schema;
import io.sagaz.storage.postgres.internal.sql.SqlSagaReads;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring as it is mostly used: a transaction that is declared to be read-only, over a proxy that has a pool for those. */
final class SpringTransactionFinder implements Finder {
    private final List<HikariDataSource> pools;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final SqlSagaReads sql = new SqlSagaReads(new Schema("public"));

    SpringTransactionFinder(HikariDataSource writes, HikariDataSource reads) {
        pools = List.of(writes, reads);
        LazyConnectionDataSourceProxy proxy = proxy(writes, reads);
        jdbc = new JdbcTemplate(proxy);
        transaction = new TransactionTemplate(new JdbcTransactionManager(proxy));
        transaction.setReadOnly(true);
    }

    /** Spring's proxy over two pools. */
    static LazyConnectionDataSourceProxy proxy(HikariDataSource writes, HikariDataSource reads) {
        LazyConnectionDataSourceProxy proxy = new LazyConnectionDataSourceProxy(writes);
        proxy.setReadOnlyDataSource(reads);
        // Else it asks a connection, with each start, what both are here.
        proxy.setDefaultAutoCommit(true);
        proxy.setDefaultTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        return proxy;
    }

    @Override
    public Found find(SagaId id) throws SQLException {
        return Objects.requireNonNull(transaction.execute(status ->
                Objects.requireNonNull(jdbc.execute((org.springframework.jdbc.core.ConnectionCallback<Found>)
                        connection -> Found.of(sql.find(connection, id), Word.NONE)))));
    }

    @Override
    public void close() {
        pools.forEach(HikariDataSource::close);
    }
}
