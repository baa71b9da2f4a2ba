package io.sagaz.migrations;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
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
     * Makes the schema if it is missing, applies the migrations that are missing, and makes the partitions that are
     * missing. When nothing is, this is three short queries and takes no lock. When another instance is at work, this
     * blocks until that is done or {@link MigrationConfig#lockWait()} is over.
     *
     * <p>Each migration and each partition is a transaction: after a failure, what was done before stays, and the next
     * call goes on from there.
     *
     * @return what this call did
     * @throws SchemaOutOfDate when a newer library has changed the schema so that this one cannot work with it
     * @throws MigrationException when something failed, or the wait was not long enough
     */
    public MigrationReport migrate() {
        Deadline total = Deadline.after(config.lockWait());
        Work work = new Work(config, connector);
        boolean connected = false;
        while (true) {
            try (Connection connection = connector.open()) {
                if (!connected) {
                    connected = true;
                    refuseUnsafePooling(connection);
                }
                return migrate(connection, work, total);
            } catch (SQLException e) {
                // Once it has worked, a lost connection says nothing about the next: nothing here is done twice.
                if (!connected || !SqlStates.isConnectionLost(e) || total.isOver()) {
                    throw MigrationException.of("Cannot migrate " + target(), e);
                }
                log.info("Connecting to {} again after: {}", target(), e.getMessage());
                total.pause();
            }
        }
    }

    private MigrationReport migrate(Connection connection, Work work, Deadline total) throws SQLException {
        Gate gate = new Gate(connection, config.schema());
        boolean waiting = false;
        int entries = 0;
        while (true) {
            Survey survey = Survey.of(connection, config.schema());
            refuseNewerMajor(survey);
            if (survey.isComplete()) {
                return work.report(survey, total.elapsed());
            }
            if (gate.tryEnter()) {
                try {
                    // Twice is possible when a day begins meanwhile.
                    if (++entries > MOST_ENTRIES) {
                        throw new MigrationException("Migrating " + target() + " ended well " + MOST_ENTRIES
                                + " times, yet something is missing: see " + Survey.HISTORY
                                + " and sagaz_partition_plan()");
                    }
                    work.run();
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

    /**
     * Looks whether this library can work with the schema: it is at least as new as this library, not changed
     * incompatibly by a newer one, and has the current and the next partition of each table. Changes nothing, takes no
     * lock, works with the rights of the application and on a replica.
     *
     * @throws SchemaOutOfDate when not, with what to do
     * @throws MigrationException when it cannot look
     */
    public void check() {
        Survey survey;
        try (Connection connection = connector.open()) {
            refuseUnsafePooling(connection);
            survey = Survey.of(connection, config.schema());
        } catch (SQLException e) {
            throw MigrationException.of("Cannot check " + target(), e);
        }
        refuseNewerMajor(survey);
        if (survey.broken()) {
            throw new SchemaOutOfDate(
                    "A migration of " + target() + " has failed: see " + Survey.HISTORY + ", then migrate");
        }
        if (survey.isBehind()) {
            throw new SchemaOutOfDate("The schema of Sagaz in " + target() + " is "
                    + survey.version().map(v -> "at version " + v).orElse("missing")
                    + ", but this library needs version "
                    + Scripts.LATEST + ": migrate with SagazMigrations.migrate()");
        }
        List<Survey.Planned> missing = survey.partitions().stream()
                .filter(partition -> partition.needed() && !partition.present())
                .toList();
        if (!missing.isEmpty()) {
            throw new SchemaOutOfDate("Missing in " + target() + ": "
                    + missing.stream().map(Survey.Planned::partition).collect(Collectors.joining(", "))
                    + ". Make partitions with SELECT * FROM " + config.schema() + ".maintain_all_partitions()");
        }
    }

    private void refuseUnsafePooling(Connection connection) throws SQLException {
        if (Connector.isPooled(connection)) {
            if (Connector.preparesStatements(connection)) {
                throw new MigrationException(
                        "The URL " + config.shownUrl() + " leads to a pooler and sets prepareThreshold:"
                                + " behind transaction pooling, a statement that one client prepared would run for another."
                                + " Set prepareThreshold=0 or leave it away");
            }
            log.debug("{} is behind a pooler", target());
        }
    }

    private void refuseNewerMajor(Survey survey) {
        if (survey.isOfNewerMajor()) {
            throw new SchemaOutOfDate("The schema of Sagaz in " + target() + " is at version "
                    + survey.version().orElseThrow() + ", made by a newer library; this one knows versions up to "
                    + Scripts.LATEST + " and others that begin with " + Scripts.LATEST.getMajor()
                    + ": use the newer library");
        }
    }

    private String target() {
        return "schema " + config.schema() + " at " + config.shownUrl();
    }
}
