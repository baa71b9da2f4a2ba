package io.sagaz.bench.load;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Login;

/** Makes pools of connections for everybody but Sagaz, which has one of its own, of the same make and size. */
public final class Pools {
    private Pools() {}

    /** A pool with all its connections open; the caller closes it. */
    public static HikariDataSource open(Login login, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("bench");
        config.setJdbcUrl(login.url());
        config.setUsername(login.user());
        config.setPassword(login.password());
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }
}
