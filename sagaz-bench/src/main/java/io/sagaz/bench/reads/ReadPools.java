package io.sagaz.bench.reads;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Login;
import java.time.Duration;

/** Makes bare pools that are set as the store sets its pool for reads. */
public final class ReadPools {
    /** For all but those who use no other: names no statements, as the store does not behind a pooler. */
    static final int UNPREPARED = 0;
    /** What the driver does by itself. */
    static final int PREPARED = 5;

    private ReadPools() {}

    /**
     * Opens one; the caller closes it.
     *
     * @param prepareThreshold after how many times the driver prepares a statement on the server; 0 is never
     */
    public static HikariDataSource open(Login login, int connections, int prepareThreshold) {
        HikariConfig config = config(login, connections);
        config.addDataSourceProperty("prepareThreshold", Integer.toString(prepareThreshold));
        config.setReadOnly(true);
        return new HikariDataSource(config);
    }

    /** Opens one whose connections are switched to reading by whoever borrows them, with what the driver does by itself. */
    static HikariDataSource switching(Login login, int connections) {
        return new HikariDataSource(config(login, connections));
    }

    private static HikariConfig config(Login login, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("bench-reads");
        config.setJdbcUrl(login.url());
        config.setUsername(login.user());
        config.setPassword(login.password());
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setIdleTimeout(connections == 1 ? 0 : Duration.ofMinutes(1).toMillis());
        config.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.addDataSourceProperty("connectTimeout", "5");
        config.addDataSourceProperty("socketTimeout", "30");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        return config;
    }
}
