package io.sagaz.testkit.store;

import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.SagazMigrations;
import io.sagaz.testkit.TestDatabase;

/**
 * The schema of Sagaz in {@code public}, with the rights of the application and the dashboards. A template of a service's own
 * calls it and goes on:
 *
 * <pre>{@code
 * final class OrdersSchema implements TestDatabase.Preparation {
 *     @Override
 *     public void prepare(TestDatabase database) throws SQLException {
 *         new SagazSchema().prepare(database);
 *         ...
 *     }
 * }
 * }</pre>
 */
public final class SagazSchema implements TestDatabase.Preparation {
    /** As it is. */
    public SagazSchema() {}

    @Override
    public void prepare(TestDatabase database) {
        SagazMigrations.of(MigrationConfig.of(
                                database.primaryUrl(),
                                database.owner().user(),
                                database.owner().password())
                        .withWriter(database.app().user())
                        .withReader(database.reader().user()))
                .migrate();
    }
}
