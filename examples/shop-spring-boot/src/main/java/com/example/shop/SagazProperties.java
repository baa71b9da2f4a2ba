package com.example.shop;

import io.sagaz.storage.postgres.PoolConfig;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The ways to the database.
 *
 * @param write the primary, through PgBouncer-RW
 * @param read the replicas, through PgBouncer-RO
 * @param direct the primary past the poolers, as the owner of the tables: for migrations and partitions
 */
@ConfigurationProperties("sagaz")
public record SagazProperties(Pool write, Pool read, Pool direct) {
    /** One way. */
    public record Pool(String url, String username, String password) {
        PoolConfig config() {
            return PoolConfig.of(url, username, password);
        }

        @Override
        public String toString() {
            return config().toString(); // without the password
        }
    }
}
