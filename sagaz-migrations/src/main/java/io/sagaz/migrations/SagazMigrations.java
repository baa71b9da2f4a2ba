package io.sagaz.migrations;

import io.sagaz.migrations.PartitionAction.Kind;
import io.sagaz.migrations.internal.jdbc.Connector;
import io.sagaz.migrations.internal.jdbc.Deadline;
import io.sagaz.migrations.internal.jdbc.Gate;
import io.sagaz.migrations.internal.jdbc.SqlStates;
import io.sagaz.migrations.internal.partition.PartitionMaker;
import io.sagaz.migrations.internal.partition.Slot;
import io.sagaz.migrations.internal.schema.Rights;
import io.sagaz.migrations.internal.schema.SchemaHistory;
import io.sagaz.migrations.internal.schema.SchemaMigrator;
import io.sagaz.migrations.internal.schema.Scripts;
import io.sagaz.migrations.internal.schema.Survey;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema of Sagaz up to date, or checks that it is.
 *
 * <pre>{@code
 * SagazMigrations.of(MigrationConfig.of(url, "sagaz_owner", password)).migrate();
 * }</pre>
 *
 * <p>Any number of instances may do that at the same moment: one works, the others wait. Waiting, an instance asks now
 * and then, each time in a transaction of its own, and in between holds no lock, no transaction and no backend of a
 * pooler. What it takes through a pooler with transaction pooling is therefore 3 backends at most for the instance that
 * works, and for the others some milliseconds of one now and then.
 *
 * <p>It opens connections of its own. It keeps its own history in {@code sagaz_schema_history}, leaves all other objects
 * of the schema and another history of Flyway alone, and sets nothing that outlives a transaction, so that nothing leaks
 * to other clients of a pooler.
 *
 * <p>Thread-safe. Holds nothing between calls.
 */
public final class SagazMigrations {
    private static final Logger log = LoggerFactory.getLogger(SagazMigrations.class);

    private static final int MOST_ENTRIES = 3;

    private final MigrationConfig config;
    private final Connector connector;

    private SagazMigrations(MigrationConfig config) {
        this.config = config;
        connector = new Connector(config);
    }

    /**
     * For one schema. Does not connect yet.
     *
     * @param config which schema
     * @return what migrates and checks it
     */
    public static SagazMigrations of(MigrationConfig config) {
        return new SagazMigrations(Objects.requireNonNull(config, "config"));
    }

    /**
     * Makes the schema if it is missing, applies the migrations that are missing, makes the partitions that are missing,
     * and grants the {@linkplain MigrationConfig#withWriter other roles} what they lack. When nothing is missing, this is a
     * few short queries and takes no lock. When another instance is at work, this blocks until that is done or {@link
     * MigrationConfig#lockWait()} is over.
     *
     * <p>The migrations are one transaction: either all are applied or none. Each partition is another: after a failure,
     * the next call goes on from there. Partitions of later times that cannot be made now are left to the {@linkplain
     * PartitionMaintenance maintenance}.
     *
     * @return what this call did
     * @throws SchemaOutOfDate when a newer library has changed the schema so that this one cannot work with it
     * @throws MigrationException when something failed, when objects of somebody else are in the way, or when the wait was
     *     not long enough
     */
    public MigrationReport migrate() {
        Deadline total = Deadline.after(config.lockWait());
        Account account = new Account();
        boolean connected = false;
        while (true) {
            try (Connection connection = connector.open()) {
                if (!connected) {
                    connected = true;
                    connector.refuseUnsafePooling(connection);
                }
                return migrate(connection, account, total);
            } catch (SQLException e) {
                // Once it has worked, a lost connection says nothing about the next: nothing here is done twice.
                if (!connected || !SqlStates.isConnectionLost(e) || total.isOver()) {
                    throw MigrationException.of("Cannot migrate " + target() + " as " + config.user(), e);
                }
                log.info("Connecting to {} again after: {}", target(), e.getMessage());
                total.pause();
            }
        }
    }

    private MigrationReport migrate(Connection connection, Account account, Deadline total) throws SQLException {
        Gate gate = new Gate(connection, Gate.Purpose.MIGRATIONS, config.schema());
        boolean waiting = false;
        int entries = 0;
        while (true) {
            Survey survey = Survey.of(connection, config);
            refuseNewerMajor(survey.history());
            if (survey.isComplete() || (entries > 0 && survey.isEnough())) {
                warnIfOpen(survey);
                return account.report(survey, total.elapsed());
            }
            if (gate.tryEnter()) {
                try {
                    // Twice is possible when a day begins meanwhile.
                    if (++entries > MOST_ENTRIES) {
                        throw new MigrationException("Migrating " + target() + " ended well " + MOST_ENTRIES
                                + " times, yet something is missing: see " + SchemaHistory.TABLE
                                + ", sagaz_partition_plan() and sagaz_lacking_rights()");
                    }
                    work(account);
                } finally {
                    gate.leave();
                }
            } else {
                if (!waiting) {
                    waiting = true;
                    log.info("Another instance migrates {}: waiting at most {}", target(), config.lockWait());
                }
                if (total.isOver()) {
                    throw new MigrationException("Another instance has been migrating " + target() + " for longer than "
                            + config.lockWait() + ": " + gate.holder()
                            + ". If it is stuck, end it; if it only needs more time, raise MigrationConfig.lockWait");
                }
                total.pause();
            }
        }
    }

    /** Does what is still missing now that the gate is passed: another instance may have done it. */
    private void work(Account account) throws SQLException {
        try (Connection connection = connector.open()) {
            Survey survey = Survey.of(connection, config);
            if (survey.history().isBehind()) {
                account.applied += new SchemaMigrator(config, connector).migrate(connection, survey.history());
                survey = Survey.of(connection, config);
            }
            if (survey.rightsLacking()) {
                Rights.grant(connection, config);
            }
            for (Slot slot : survey.partitions()) {
                if (!slot.present()) {
                    make(connection, slot, account);
                }
            }
        }
    }

    /** One that is not needed soon is left to the maintenance if it cannot be made. */
    private void make(Connection connection, Slot slot, Account account) throws SQLException {
        Duration patience = slot.needed() ? config.lockWait() : Duration.ZERO;
        try {
            if (new PartitionMaker(config.schema(), patience).make(connection, slot)) {
                account.created.add(slot.name());
            }
        } catch (MigrationException e) {
            if (slot.needed()) {
                throw e;
            }
            log.warn("Starting without partition {}, which is not needed yet: {}", slot.name(), e.getMessage());
        }
    }

    /**
     * Looks whether this library can work with the schema: it is at least as new as this library, not changed
     * incompatibly by a newer one, has the current and the next partition of each table, and lets the {@linkplain
     * MigrationConfig#withWriter other roles} do what they need to. Changes nothing, takes no lock, works with the rights of
     * the application and on a replica.
     *
     * @throws SchemaOutOfDate when not, with what to do
     * @throws MigrationException when it cannot look, or a role lacks rights
     */
    public void check() {
        Survey survey;
        try (Connection connection = connector.open()) {
            connector.refuseUnsafePooling(connection);
            survey = Survey.of(connection, config);
        } catch (SQLException e) {
            throw MigrationException.of("Cannot check " + target() + " as " + config.user(), e);
        }
        SchemaHistory history = survey.history();
        refuseNewerMajor(history);
        if (history.broken()) {
            throw new SchemaOutOfDate(
                    "A migration of " + target() + " has failed: see " + SchemaHistory.TABLE + ", then migrate");
        }
        if (history.isBehind()) {
            throw new SchemaOutOfDate("The schema of Sagaz in " + target() + " is "
                    + history.version().map(v -> "at version " + v).orElse("missing")
                    + ", but this library needs version "
                    + Scripts.LATEST + ": migrate with SagazMigrations.migrate() or sagaz migrate");
        }
        List<Slot> missing = survey.partitions().stream()
                .filter(slot -> slot.needed() && !slot.present())
                .toList();
        if (!missing.isEmpty()) {
            throw new SchemaOutOfDate("Missing in " + target() + ": "
                    + missing.stream().map(Slot::name).collect(Collectors.joining(", "))
                    + ". Make partitions with SELECT * FROM " + config.schema()
                    + ".maintain_all_partitions() or sagaz partition maintain");
        }
        if (survey.rightsLacking()) {
            throw new MigrationException("In " + target() + " the writers " + config.writers() + " or the readers "
                    + config.readers() + " lack rights: let the owner call " + config.schema()
                    + ".grant_sagaz_writer(role) or " + config.schema() + ".grant_sagaz_reader(role)");
        }
        warnIfOpen(survey);
    }

    /**
     * Looks which version the schema has, and whether this library can work with it. Looks at nothing else: whether partitions
     * and rights are there too, {@link #check()} tells. Changes nothing, takes no lock.
     *
     * @return how they fit
     * @throws MigrationException when it cannot look
     */
    public SchemaStatus status() {
        try (Connection connection = connector.open()) {
            connector.refuseUnsafePooling(connection);
            return SchemaHistory.of(connection, config.schema()).status();
        } catch (SQLException e) {
            throw MigrationException.of("Cannot look at " + target() + " as " + config.user(), e);
        }
    }

    /** So it is by default in the schema public of databases made by PostgreSQL 14 and older. */
    private void warnIfOpen(Survey survey) {
        if (survey.open()) {
            log.warn(
                    "In {} every role may create functions that others then call with its rights by mistake:"
                            + " REVOKE CREATE ON SCHEMA {} FROM PUBLIC",
                    target(),
                    config.schema());
        }
    }

    private void refuseNewerMajor(SchemaHistory history) {
        if (history.isOfNewerMajor()) {
            throw new SchemaOutOfDate("The schema of Sagaz in " + target() + " is at version "
                    + history.version().orElseThrow() + ", made by a newer library; this one knows versions up to "
                    + Scripts.LATEST + " and others that begin with " + Scripts.LATEST.getMajor()
                    + ": use the newer library");
        }
    }

    private String target() {
        return "schema " + config.schema() + " at " + config.shownUrl();
    }

    /** What one call of {@link #migrate()} has done so far, over all its connections. */
    private static final class Account {
        private final Set<String> created = new HashSet<>();
        private int applied;

        MigrationReport report(Survey survey, Duration took) {
            return new MigrationReport(
                    applied,
                    survey.history().version().orElseThrow().getVersion(),
                    survey.partitions().stream()
                            .filter(Slot::present)
                            .map(slot -> new PartitionAction(
                                    created.contains(slot.name()) ? Kind.CREATE : Kind.EXISTS,
                                    slot.table().table(),
                                    slot.name(),
                                    "from " + slot.firstDay() + " (UTC)"))
                            .toList(),
                    took);
        }
    }
}
