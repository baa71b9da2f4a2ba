package io.sagaz.storage.postgres;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.migrations.MigrationConfig;
import io.sagaz.migrations.MigrationException;
import io.sagaz.migrations.PartitionMaintenance;
import io.sagaz.migrations.SagazMigrations;
import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxAdmin;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSession;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.StoreConfigurationException;
import io.sagaz.storage.StoreException;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.postgres.internal.jdbc.CertainCalls;
import io.sagaz.storage.postgres.internal.jdbc.CommitMark;
import io.sagaz.storage.postgres.internal.jdbc.CommitPosition;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.jdbc.CrashingCalls;
import io.sagaz.storage.postgres.internal.jdbc.JoinedConnection;
import io.sagaz.storage.postgres.internal.jdbc.Pool;
import io.sagaz.storage.postgres.internal.jdbc.SingleCalls;
import io.sagaz.storage.postgres.internal.jdbc.Transactions;
import io.sagaz.storage.postgres.internal.jdbc.WorkConnection;
import io.sagaz.storage.postgres.internal.meters.MeteredCalls;
import io.sagaz.storage.postgres.internal.meters.MeteredWrites;
import io.sagaz.storage.postgres.internal.meters.PartitionMeters;
import io.sagaz.storage.postgres.internal.meters.StoreMeters;
import io.sagaz.storage.postgres.internal.outbox.OutboxNotifier;
import io.sagaz.storage.postgres.internal.outbox.OutboxSignals;
import io.sagaz.storage.postgres.internal.outbox.PostgresOutboxLog;
import io.sagaz.storage.postgres.internal.route.OwnWrites;
import io.sagaz.storage.postgres.internal.route.PrimaryWatch;
import io.sagaz.storage.postgres.internal.route.ReadRoutes;
import io.sagaz.storage.postgres.internal.route.RecordedWrites;
import io.sagaz.storage.postgres.internal.route.TransactionJournal;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.Schema;
import io.sagaz.storage.postgres.internal.sql.SqlCommitInquiry;
import io.sagaz.storage.postgres.internal.sql.SqlInbox;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxAdmin;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxLog;
import io.sagaz.storage.postgres.internal.sql.SqlReads;
import io.sagaz.storage.postgres.internal.sql.SqlSagaWrites;
import io.sagaz.storage.postgres.internal.sql.WriteStatements;
import io.sagaz.storage.postgres.internal.start.ServerFacts;
import io.sagaz.storage.postgres.internal.start.StartupChecks;
import io.sagaz.storage.postgres.internal.upkeep.PartitionUpkeep;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The saga store: writes go to the primary, reads to a replica that is proved fresh enough, else to the primary.
 *
 * <p>Safe for threads; make one for a service and {@linkplain #close() close} it at the end. Every call blocks until the
 * database has answered.
 *
 * <pre>{@code
 * try (RoutingSagaStore store = RoutingSagaStore.builder()
 *         .write(PoolConfig.of("jdbc:postgresql://pgbouncer-rw:6432/sagaz?prepareThreshold=0", "sagaz_app", secret))
 *         .read(PoolConfig.of("jdbc:postgresql://pgbouncer-ro:6433/sagaz", "sagaz_reader", secret))
 *         .build()) {
 *     store.start(NewSaga.named("order").steps("reserve", "charge", "ship"));
 * }
 * }</pre>
 */
public final class RoutingSagaStore implements SagaWrites, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RoutingSagaStore.class);

    private final StoreMeters meters;
    private final Pool writePool;
    private final Transactions transactions;
    private final WriteStatements statements;
    private final SizeLimits sizeLimits;
    private final CrashPoints crashPoints;
    private final SagaWrites writes;
    private final RecordedWrites.Journal journal;
    private final OutboxSignals signals;
    private final OutboxLog outboxLog;
    private final Schema schema;
    private final Duration lockTimeout;
    private final OutboxAdmin admin;
    private final ReadRoutes routes;
    private final PartitionMeters partitionMeters;
    private final Optional<PartitionUpkeep> upkeep;

    private RoutingSagaStore(
            PoolConfig write,
            List<PoolConfig> read,
            Schema schema,
            MeterRegistry registry,
            ServerFacts primary,
            MigrationConfig migrations,
            PartitionPolicy partitions,
            Duration writeTimeout,
            SizeLimits sizeLimits,
            int minimumServing,
            Optional<OutboxNotifier> notifying,
            CrashPoints crashPoints) {
        meters = new StoreMeters(registry);
        writePool = Pool.forWrites(write, primary.isolation(), registry);
        statements = new WriteStatements(schema);
        this.schema = schema;
        // What waits for longer is given up by the server, which then has written nothing, before its caller is.
        lockTimeout = writeTimeout.multipliedBy(4).dividedBy(5);
        this.sizeLimits = sizeLimits;
        this.crashPoints = crashPoints;
        transactions = new Transactions(writePool, new SqlCommitInquiry(statements), writeTimeout, crashPoints);
        routes = new ReadRoutes(
                writePool,
                readPools(read, registry),
                new PrimaryWatch(write, primary.wal(), primary.systemIdentifier(), primary.name()),
                minimumServing,
                new SqlReads(schema),
                meters);
        ConnectionRunner certain = new CertainCalls(writePool, writeTimeout, meters::repeating);
        SagaWrites committing =
                SqlSagaWrites.committing(statements, sizeLimits, CrashingCalls.of(certain, crashPoints), lockTimeout);
        signals = new OutboxSignals(notifying);
        journal = new StoreJournal(routes.ownWrites(), signals);
        outboxLog = new PostgresOutboxLog(new SqlOutboxLog(schema), certain, routes, signals);
        writes = new MeteredWrites(new RecordedWrites(committing, journal), meters);
        admin = new SqlOutboxAdmin(
                schema, new MeteredCalls(new SingleCalls(writePool), meters), routes::fromPrimary, lockTimeout);
        partitionMeters = new PartitionMeters(registry);
        upkeep = partitions
                .interval()
                .map(interval -> new PartitionUpkeep(PartitionMaintenance.of(migrations), partitionMeters, interval));
    }

    private static List<Pool> readPools(List<PoolConfig> configs, MeterRegistry registry) {
        return IntStream.range(0, configs.size())
                .mapToObj(i -> Pool.forReads(configs.get(i), i == 0 ? "sagaz-ro" : "sagaz-ro-" + (i + 1), registry))
                .toList();
    }

    /** Begins to describe a store. */
    public static Builder builder() {
        return new Builder();
    }

    /** {@inheritDoc} Commits by itself. */
    @Override
    public StartResult start(NewSaga saga) {
        return writes.start(saga);
    }

    /** {@inheritDoc} Commits by itself. */
    @Override
    public List<StartResult> startAll(List<NewSaga> sagas) {
        return writes.startAll(sagas);
    }

    /** {@inheritDoc} Commits by itself. */
    @Override
    public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
        return writes.applyAll(updates);
    }

    /** {@inheritDoc} Commits by itself. */
    @Override
    public boolean annotate(SagaId id, AuditEntry entry) {
        return writes.annotate(id, entry);
    }

    /** {@inheritDoc} Commits by itself. */
    @Override
    public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
        return writes.claimAbandoned(request);
    }

    /** {@inheritDoc} Commits by itself. */
    @Override
    public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
        return writes.apply(id, expectedVersion, change);
    }

    /** {@inheritDoc} Commits by itself. */
    @Override
    public void emit(List<OutboxEvent> events) {
        writes.emit(events);
    }

    /**
     * Does work in one transaction on the primary, and commits it when the work returns. If the work throws, everything
     * is rolled back and the caller gets what was thrown.
     *
     * <p>With a write of the store in it the transaction commits synchronously, whatever {@code synchronous_commit} the
     * session has. Work inside work takes a second connection, and a second transaction. What the driver would set for the
     * session, such as {@link Connection#setTransactionIsolation}, is refused: behind a pooler that serves others too.
     *
     * <p>If the connection is lost during the commit, the primary is asked what became of it, if a write of the store was in
     * it; the work is not done again.
     *
     * @return what the work returned
     * @throws X if the work throws it
     * @throws StoreException if no connection was to be had, or the commit failed
     */
    public <T, X extends Exception> T inTransaction(TransactionWork<T, X> work) throws X {
        present(work);
        return recorded(notes -> meters.time("transaction", () -> transactions.inTransaction(joining(work, notes))));
    }

    /**
     * Does work in one transaction, as {@link #inTransaction} does, and gives a token of its commit beside what the work
     * returned: whoever reads {@linkplain ReadConsistency#atLeast at least} that sees what was committed. The token comes with the
     * answer to the commit, in the same round trip.
     *
     * @throws X if the work throws it
     * @throws StoreException if no connection was to be had, or the commit failed
     */
    public <T, X extends Exception> Committed<T> inTransactionForToken(TransactionWork<T, X> work) throws X {
        present(work);
        AtomicReference<@Nullable CommitPosition> told = new AtomicReference<>();
        T value = recorded(notes ->
                meters.time("transaction", () -> transactions.inTransaction(joining(work, notes), told::set)));
        return new Committed<>(value, Optional.ofNullable(told.get()).map(routes::token));
    }

    /**
     * Work that leaves a mark of its own, by which a lost commit can be told.
     *
     * @param <T> what it gives back
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface MarkedWork<T, X extends Exception> {
        T run(StoreTransaction transaction, Consumer<CommitMark> marks) throws X;
    }

    <T, X extends Exception> T inMarkedTransaction(MarkedWork<T, X> work) throws X {
        return recorded(
                journal -> meters.time("transaction", () -> transactions.inTransaction(joining(work, journal))));
    }

    private static void present(@Nullable TransactionWork<?, ?> work) {
        if (work == null) {
            throw new IllegalArgumentException("work must not be null");
        }
    }

    /**
     * Something that writes.
     *
     * @param <T> what it gives back
     * @param <X> what it may throw
     */
    @FunctionalInterface
    private interface Writing<T, X extends Exception> {
        T run(TransactionJournal journal) throws X;
    }

    /** What a transaction has written is noted at its end, committed or not: nobody sees it before. */
    private <T, X extends Exception> T recorded(Writing<T, X> writing) throws X {
        TransactionJournal ofTransaction = new TransactionJournal();
        try {
            return writing.run(ofTransaction);
        } finally {
            ofTransaction.copyTo(journal);
        }
    }

    private <T, X extends Exception> Transactions.Work<T, X> joining(
            TransactionWork<T, X> work, RecordedWrites.Journal notes) {
        return joining((MarkedWork<T, X>) (transaction, marks) -> work.run(transaction), notes);
    }

    private <T, X extends Exception> Transactions.Work<T, X> joining(
            MarkedWork<T, X> work, RecordedWrites.Journal notes) {
        return (connection, marks) -> work.run(
                new JoinedTransaction(
                        WorkConnection.over(connection),
                        new MeteredWrites(
                                new RecordedWrites(
                                        SqlSagaWrites.inTransaction(
                                                statements,
                                                sizeLimits,
                                                CrashingCalls.of(JoinedConnection.of(connection), crashPoints),
                                                marks),
                                        notes),
                                meters)),
                marks);
    }

    /** A transaction of somebody else, as a handler gets it. */
    StoreTransaction joinedTransaction(Connection connection) {
        return new JoinedTransaction(WorkConnection.over(connection), join(connection));
    }

    /**
     * Writes in the caller's own transaction: what is written is committed, or rolled back, by the caller together with
     * everything else on that connection.
     *
     * <p>The connection may come from any pool or framework. The writes live as long as it does, and are for one thread,
     * as it is.
     *
     * @param connection of the PostgreSQL driver, or wrapping one, to the primary; not closed by the store
     * @throws IllegalArgumentException if it is null or leads to another driver
     */
    public SagaWrites join(Connection connection) {
        return new MeteredWrites(SqlSagaWrites.joined(statements, sizeLimits, JoinedConnection.of(connection)), meters);
    }

    /**
     * The inbox of a consumer, by which its handlers have their effect once for each event, however often that is delivered.
     *
     * @param consumer who handles the events, the same name for all instances of it and for ever: under another name it would
     *     handle all events anew
     * @throws IllegalArgumentException if it is null, blank or longer than 255 characters
     */
    public ConsumerInbox inbox(String consumer) {
        String name = Arguments.name("RoutingSagaStore.inbox consumer", consumer);
        return new ConsumerInbox(this, name, new SqlInbox(schema, sizeLimits, lockTimeout, name), meters);
    }

    /**
     * What operators do about relays, parked events and dead letters. The object may be kept and shared between threads.
     */
    public OutboxAdmin outboxAdmin() {
        return admin;
    }

    /**
     * A token of everything that was acknowledged before this call, by this store or anybody else. Whoever reads {@linkplain
     * ReadConsistency#atLeast at least} that sees it, in any process: take it after a write, and hand it on.
     *
     * <p>Takes one round trip to the primary, which callers at the same moment share.
     *
     * @throws TransientStoreException if the primary cannot be asked
     */
    public CausalToken causalToken() {
        return routes.token()
                .orElseThrow(() -> new TransientStoreException(
                        "No causal token: the primary could not be asked how far its log is; try again", null));
    }

    /**
     * The same token, told later and without a round trip of its own: call it when a commit was acknowledged that somebody else
     * made, on a {@linkplain #join joined} connection for example.
     */
    public PendingToken pendingToken() {
        return routes.pendingToken();
    }

    /**
     * Reads with the usual freshness: nothing is more than 5 seconds stale, and {@link SagaReads#find(SagaId)} and {@link
     * SagaReads#findByKey} see what was written to the saga through this store, {@linkplain #join joined} connections excepted.
     * If no replica can answer, the primary does, through its gate. The object may be kept and shared between threads.
     */
    public SagaReads reads() {
        return routes.reads();
    }

    /** Reads none of which sees less than one before it in the session. */
    public ReadSession session() {
        return routes.session();
    }

    /**
     * How the primary, the replicas and the pools are now, for a readiness probe. Asks the primary if it was not heard of within
     * the last second, for which it has two seconds; else it answers at once.
     */
    public StoreHealth health() {
        return routes.health();
    }

    /** Reads under this consistency. The object may be kept and shared between threads. */
    public SagaReads reads(ReadConsistency consistency) {
        return routes.reads(consistency);
    }

    /** Statistics that are at most 5 seconds stale. The object may be kept and shared between threads. */
    public SagaStatistics statistics() {
        return routes.statistics(ReadRoutes.USUAL);
    }

    /** Looks at the outbox, and is at most 5 seconds stale. The object may be kept and shared between threads. */
    public OutboxReads outbox() {
        return routes.outbox(ReadRoutes.USUAL);
    }

    /** Statistics of sagas under this consistency. The object may be kept and shared between threads. */
    public SagaStatistics statistics(ReadConsistency consistency) {
        return routes.statistics(consistency);
    }

    /** Looks at the outbox under this consistency. The object may be kept and shared between threads. */
    public OutboxReads outbox(ReadConsistency consistency) {
        return routes.outbox(consistency);
    }

    /** The outbox as relays see it. The object may be kept and shared between threads. */
    public OutboxLog outboxLog() {
        return outboxLog;
    }

    /** Closes the pools. Calls that are under way fail with a {@link StoreException}. May be called twice. */
    @Override
    public void close() {
        upkeep.ifPresent(PartitionUpkeep::close);
        signals.close();
        partitionMeters.close();
        routes.close();
        writePool.close();
        meters.close();
    }

    /** What is to be remembered of writes, and who is to be told. */
    private record StoreJournal(OwnWrites own, OutboxSignals signals) implements RecordedWrites.Journal {
        @Override
        public void wrote(SagaId id) {
            own.wrote(id);
        }

        @Override
        public void wrote(String name, String idempotencyKey) {
            own.wrote(name, idempotencyKey);
        }

        @Override
        public void emitted() {
            signals.emitted();
        }
    }

    private record JoinedTransaction(Connection connection, SagaWrites writes) implements StoreTransaction {
        @Override
        public StartResult start(NewSaga saga) {
            return writes.start(saga);
        }

        @Override
        public List<StartResult> startAll(List<NewSaga> sagas) {
            return writes.startAll(sagas);
        }

        @Override
        public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
            return writes.applyAll(updates);
        }

        @Override
        public boolean annotate(SagaId id, AuditEntry entry) {
            return writes.annotate(id, entry);
        }

        @Override
        public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
            return writes.claimAbandoned(request);
        }

        @Override
        public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
            return writes.apply(id, expectedVersion, change);
        }

        @Override
        public void emit(List<OutboxEvent> events) {
            writes.emit(events);
        }
    }

    /** Describes a store. For one thread; each setting may be given once. */
    public static final class Builder {
        private static final Duration DEFAULT_MAINTENANCE = Duration.ofHours(1);
        private static final Duration DEFAULT_WRITE_TIMEOUT = Duration.ofSeconds(15);

        private @Nullable PoolConfig write;
        private @Nullable List<PoolConfig> read;
        private @Nullable PoolConfig direct;
        private @Nullable Schema schema;
        private @Nullable MigrationMode migrations;
        private @Nullable PartitionPolicy partitions;
        private @Nullable Duration writeTimeout;
        private @Nullable SizeLimits sizeLimits;
        private @Nullable Integer minimumServing;
        private boolean notifying;
        private @Nullable MeterRegistry registry;
        private @Nullable CrashPoints crashPoints;

        private Builder() {}

        /** Sets where writes go: the primary, or a pooler before it. Required. */
        public Builder write(PoolConfig pool) {
            write = once("write", write, pool);
            return this;
        }

        /**
         * Sets where reads go: a replica, or a pooler in session mode before several, or several of either, which take turns.
         * Without it: the primary.
         */
        public Builder read(PoolConfig pool, PoolConfig... more) {
            List<PoolConfig> pools = new ArrayList<>();
            for (PoolConfig each :
                    Stream.concat(Stream.of(pool), Arrays.stream(more)).toList()) {
                pools.add(once("read", null, each));
            }
            read = once("read", read, List.copyOf(pools));
            return this;
        }

        /**
         * Sets a way to the primary past the pooler, with a role that owns the tables; migrations and the maintenance of
         * partitions take it. Without it they go where writes go, whose role must then own the tables to migrate, and be
         * a writer to maintain.
         */
        public Builder direct(PoolConfig pool) {
            direct = once("direct", direct, pool);
            return this;
        }

        /**
         * Sets the schema that holds the tables. Without it: {@code public}.
         *
         * @throws IllegalArgumentException if it is not a plain lower-case identifier of at most 41 characters
         */
        public Builder schema(String name) {
            schema = once("schema", schema, new Schema(name));
            return this;
        }

        /** Sets what is done about the schema at the start. Without it: {@link MigrationMode#APPLY}. */
        public Builder migrations(MigrationMode mode) {
            migrations = once("migrations", migrations, mode);
            return this;
        }

        /**
         * Sets who keeps the partitions while the store runs. Without it: the store, every hour, with {@link
         * MigrationMode#APPLY}; others, with the other modes.
         */
        public Builder partitions(PartitionPolicy policy) {
            partitions = once("partitions", partitions, policy);
            return this;
        }

        /**
         * Sets how long a write that commits by itself may take: its wait for locks, for answers, and all attempts after its
         * connection was lost or the server undid it for a passing reason. Trying again is safe: it finds out whether the write
         * was done, and does it if not. What waits for a lock is given up by the server after four fifths of that time, with
         * nothing written; a write whose outcome is still open at the end throws {@link
         * io.sagaz.storage.CommitOutcomeUnknownException}. The wait for a connection is bounded by {@link
         * PoolConfig#connectionTimeout} and may come on top of the last attempt. Also for how long the primary is asked about a
         * {@link RoutingSagaStore#inTransaction commit} whose answer was lost. Without it: 15 seconds.
         *
         * @throws IllegalArgumentException if it is shorter than 100 milliseconds or longer than an hour
         */
        public Builder writeTimeout(Duration timeout) {
            Duration given = once("writeTimeout", writeTimeout, timeout);
            if (given.compareTo(Duration.ofMillis(100)) < 0 || given.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException(
                        "RoutingSagaStore.writeTimeout must be from PT0.1S to PT1H but is " + given);
            }
            writeTimeout = given;
            return this;
        }

        /** Sets how large a write may be. Without it: {@link SizeLimits#DEFAULT}. */
        public Builder sizeLimits(SizeLimits limits) {
            sizeLimits = once("sizeLimits", sizeLimits, limits);
            return this;
        }

        /**
         * Sets how many replicas go on answering reads that accept a {@linkplain ReadConsistency.AtMost#limit limit}, though
         * fewer are as fresh as such a read asks for: the freshest of those within its limit, each answer with {@link
         * io.sagaz.storage.RouteReason#SERVED_STALE}. So what several replicas bear is not put on the one that is left, nor on
         * the primary. Reads without a limit, and those with {@link io.sagaz.storage.OnStale#FAIL}, are not concerned. Without
         * it: 0, none that is not fresh enough before the primary was tried.
         *
         * @throws IllegalArgumentException unless 0 to 100
         */
        public Builder minimumServingReplicas(int replicas) {
            int given = once("minimumServingReplicas", minimumServing, replicas);
            if (given < 0 || given > 100) {
                throw new IllegalArgumentException(
                        "RoutingSagaStore.minimumServingReplicas must be 0 to 100 but is " + given);
            }
            minimumServing = given;
            return this;
        }

        /**
         * Has the relays of all processes told, by NOTIFY, when this store has emitted events, and those of this process when
         * others have: what they publish is some milliseconds younger then. Takes two connections of the {@linkplain
         * #direct direct} way. However much is emitted, there are at most 200 notifications a second, and none is sent within a
         * transaction of the store's, for those would make commits wait for each other. Without it relays look for new events
         * from time to time; those of this process are told of its own events in any case.
         */
        public Builder notifyRelays() {
            notifying = true;
            return this;
        }

        /** Sets where the {@linkplain StoreMeterNames meters} go. Without it they go nowhere. */
        public Builder meterRegistry(MeterRegistry registry) {
            this.registry = once("meterRegistry", this.registry, registry);
            return this;
        }

        /**
         * Sets who is told when writes come to a boundary at which a test wants to bring something down. Without it, as in
         * production: nobody.
         */
        public Builder crashPoints(CrashPoints points) {
            crashPoints = once("crashPoints", crashPoints, points);
            return this;
        }

        /**
         * Checks every setting against the servers, brings the schema up to date, and opens the pools.
         *
         * <p>Blocks until that is done: milliseconds in the usual case; while another instance migrates, as long as that
         * takes, up to a minute.
         *
         * @throws StoreConfigurationException if a setting is wrong; nothing has been changed then
         */
        public RoutingSagaStore build() {
            PoolConfig required = write;
            if (required == null) {
                throw new StoreConfigurationException(
                        "RoutingSagaStore.write is not set: call write(PoolConfig.of(url, user, password)) with the URL"
                                + " of the primary or of the pooler before it",
                        null);
            }
            Schema tables = schema == null ? new Schema("public") : schema;
            ServerFacts primary = StartupChecks.checkWrite(required);
            if (direct != null) {
                StartupChecks.checkDirect(direct, required, primary);
            }
            List<PoolConfig> reading = read == null ? List.of() : read;
            for (PoolConfig each : reading) {
                checkRole(each, reading.get(0));
                StartupChecks.checkRead(each, required, Optional.ofNullable(direct), primary);
            }
            MigrationConfig way = migrationConfig(direct == null ? required : direct, required, tables);
            prepareSchema(way);
            LOG.info(
                    "Saga store on PostgreSQL {} at {}{}, reads {}",
                    primary.version(),
                    primary.name(),
                    primary.pooled() ? " through a pooler" : "",
                    reading.isEmpty()
                            ? "from the primary"
                            : "from "
                                    + reading.stream().map(PoolConfig::shownUrl).collect(Collectors.joining(", ")));
            return new RoutingSagaStore(
                    required,
                    reading,
                    tables,
                    registry == null ? new SimpleMeterRegistry() : registry,
                    primary,
                    way,
                    partitions == null ? defaultPartitions() : partitions,
                    writeTimeout == null ? DEFAULT_WRITE_TIMEOUT : writeTimeout,
                    sizeLimits == null ? SizeLimits.DEFAULT : sizeLimits,
                    minimumServing == null ? 0 : minimumServing,
                    notifying ? Optional.of(notifier(direct, tables)) : Optional.empty(),
                    crashPoints == null ? CrashPoints.NONE : crashPoints);
        }

        private static OutboxNotifier notifier(@Nullable PoolConfig direct, Schema schema) {
            if (direct == null) {
                throw new StoreConfigurationException(
                        "RoutingSagaStore.notifyRelays needs RoutingSagaStore.direct: a pooler in transaction mode forgets who"
                                + " listens. Set direct to a URL of the primary past the pooler, or leave notifyRelays away;"
                                + " relays look for new events by themselves.",
                        null);
            }
            return new OutboxNotifier(direct, "sagaz_outbox_" + schema.name());
        }

        /** One role is granted what readers need. */
        private static void checkRole(PoolConfig each, PoolConfig first) {
            if (!each.user().equals(first.user())) {
                throw new StoreConfigurationException(
                        "read: " + each.shownUrl() + " is for the role " + each.user() + ", but " + first.shownUrl()
                                + " for " + first.user() + ". Give all read pools the same role.",
                        null);
            }
        }

        private MigrationConfig migrationConfig(PoolConfig way, PoolConfig writers, Schema tables) {
            MigrationConfig config = MigrationConfig.of(way.url(), way.user(), way.password())
                    .withSchema(tables.name())
                    .withWriter(writers.user());
            return read == null ? config : config.withReader(read.get(0).user());
        }

        private void prepareSchema(MigrationConfig way) {
            try {
                switch (mode()) {
                    case APPLY -> SagazMigrations.of(way).migrate();
                    case CHECK -> SagazMigrations.of(way).check();
                    case OFF -> LOG.debug("migrations: the schema is not looked at");
                }
            } catch (MigrationException e) {
                throw new StoreConfigurationException("migrations: " + e.getMessage(), e);
            }
        }

        private MigrationMode mode() {
            return migrations == null ? MigrationMode.APPLY : migrations;
        }

        private PartitionPolicy defaultPartitions() {
            return mode() == MigrationMode.APPLY
                    ? PartitionPolicy.every(DEFAULT_MAINTENANCE)
                    : PartitionPolicy.leftToOthers();
        }

        private static <T> T once(String setting, @Nullable T old, @Nullable T value) {
            if (value == null) {
                throw new IllegalArgumentException("RoutingSagaStore." + setting + " must not be null");
            }
            if (old != null) {
                throw new IllegalStateException("RoutingSagaStore." + setting + " was set before, to " + old);
            }
            return value;
        }
    }
}
