package io.sagaz.cli.connect;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.migrations.MigrationConfig;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PartitionPolicy;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.util.List;
import java.util.Optional;

/**
 * A running deployment: the ways to it, and who asks. Immutable; its text has no password.
 *
 * @param rw through PgBouncer-RW to the primary
 * @param ro through PgBouncer-RO to the replicas
 * @param primary to the primary itself
 * @param replicas to the replicas themselves
 * @param consoles to the admin consoles of the poolers
 * @param login who asks the servers
 * @param consoleLogin who asks the consoles
 * @param schema where the tables are
 */
public record Deployment(
        Optional<Way> rw,
        Optional<Way> ro,
        Optional<Way> primary,
        List<Way> replicas,
        List<Way> consoles,
        Login login,
        Login consoleLogin,
        String schema) {
    private static final int FEW = 2;

    /** Copies the lists. */
    public Deployment {
        replicas = List.copyOf(replicas);
        consoles = List.copyOf(consoles);
    }

    /** The shortest way to the primary, for what a pooler hides or does not allow. */
    public Way nearPrimary() {
        return primary.or(() -> rw).orElseThrow(Deployment::noPrimary);
    }

    /** The way that services take. */
    public Way forWrites() {
        return rw.or(() -> primary).orElseThrow(Deployment::noPrimary);
    }

    /** Where the schema is. */
    public MigrationConfig migrations() {
        return MigrationConfig.of(nearPrimary().url(), login.user(), login.password())
                .withSchema(schema);
    }

    /** Opens a store that changes nothing by itself: no migrations, no upkeep. The caller closes it. */
    public RoutingSagaStore openStore() {
        RoutingSagaStore.Builder builder = RoutingSagaStore.builder()
                .write(pool(forWrites()))
                .schema(schema)
                .migrations(MigrationMode.OFF)
                .partitions(PartitionPolicy.leftToOthers());
        ro.ifPresent(way -> builder.read(pool(way)));
        return builder.build();
    }

    private PoolConfig pool(Way way) {
        return PoolConfig.of(way.url(), login.user(), login.password()).maximumSize(FEW);
    }

    private static CommandFailedException noPrimary() {
        return new CommandFailedException("No way to the primary was given");
    }
}
