package io.sagaz.storage.postgres.internal.outbox;

import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.ParkedAttempt;
import io.sagaz.storage.log.ParkedEvents;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.Settlement;
import io.sagaz.storage.log.ShardedEvent;
import io.sagaz.storage.log.Shares;
import io.sagaz.storage.log.Unpublished;
import io.sagaz.storage.postgres.internal.jdbc.ConnectionRunner;
import io.sagaz.storage.postgres.internal.jdbc.SqlStates;
import io.sagaz.storage.postgres.internal.route.ReadRoutes;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxLog;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxLog.Position;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxLog.Progress;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxLog.Window;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An instance of a relay on PostgreSQL. For one thread at a time.
 *
 * <p>What it remembers beyond the database (how far it has read ahead, and where the log was when) holds for one life of the
 * primary: after a crash or a failover numbers of transactions and events may be given again that were seen before. So each
 * position tells the life, each acknowledgement names it, and with another one everything is forgotten and begun anew from the
 * cursors, which are a part of what survived.
 */
final class LogMember implements RelayMember {
    private final UUID id = UUID.randomUUID();
    private final String relay;
    private final String name;
    private final Duration lease;
    private final EventSource source;
    private final SqlOutboxLog sql;
    private final ConnectionRunner primary;
    private final ReadRoutes routes;

    private final Ticks ticks = new Ticks();
    private List<ReadCursor> cursors = new ArrayList<>();
    /** What is noted when a batch is acknowledged, by its number. */
    private final Map<Long, Progress> unacknowledged = new HashMap<>();

    private @Nullable LogPosition newest;
    private long lastNumber;

    LogMember(
            String relay,
            String name,
            Duration lease,
            EventSource source,
            SqlOutboxLog sql,
            ConnectionRunner primary,
            ReadRoutes routes) {
        this.relay = relay;
        this.name = name;
        this.lease = lease;
        this.source = source;
        this.sql = sql;
        this.primary = primary;
        this.routes = routes;
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public Shares keep(int release) {
        if (release > 0 && !unacknowledged.isEmpty()) {
            throw new IllegalStateException(
                    "Shards can be given back when every batch is acknowledged; " + unacknowledged.size() + " are not");
        }
        long released = highest(owned(), release);
        List<SqlOutboxLog.Shard> shards = primary.run(
                "keepShards", (connection, again) -> sql.keep(connection, relay, id, name, lease, released));
        adopt(shards);
        return new Shares(
                shards.size(),
                (int) shards.stream().filter(SqlOutboxLog.Shard::taken).count(),
                shards.stream().mapToInt(SqlOutboxLog.Shard::members).max().orElse(1),
                (int) shards.stream().filter(SqlOutboxLog.Shard::restarted).count());
    }

    private long owned() {
        return cursors.stream().mapToLong(ReadCursor::shards).reduce(0, (a, b) -> a | b);
    }

    /** The highest few of some shards. */
    private static long highest(long shards, int number) {
        long chosen = 0;
        for (int i = 0; i < number && shards != chosen; i++) {
            chosen |= Long.highestOneBit(shards & ~chosen);
        }
        return chosen;
    }

    /** Goes on with those that it knows, and begins with the others where the database says. */
    private void adopt(List<SqlOutboxLog.Shard> shards) {
        long known = owned();
        long owned = 0;
        Map<List<Object>, ReadCursor> begun = new HashMap<>();
        for (SqlOutboxLog.Shard shard : shards) {
            long bit = 1L << shard.shard();
            owned |= bit;
            if ((known & bit) == 0) {
                begun.merge(
                        List.of(shard.published(), shard.target(), shard.position(), shard.lowSeq()),
                        ReadCursor.kept(
                                bit,
                                Snapshot.parse(shard.published()),
                                shard.lowSeq(),
                                shard.target().map(Snapshot::parse).orElse(null),
                                shard.position()),
                        (a, b) -> a.of(a.shards() | b.shards()));
            }
        }
        List<ReadCursor> next = new ArrayList<>();
        for (ReadCursor cursor : cursors) {
            if ((cursor.shards() & owned) != 0) {
                next.add(cursor.of(cursor.shards() & owned));
            }
        }
        next.addAll(begun.values());
        cursors = next;
    }

    @Override
    public Optional<OutboxBatch> next(int events, long bytes) {
        if (cursors.isEmpty()) {
            return Optional.empty();
        }
        if (newest == null || cursors.stream().noneMatch(ReadCursor::isReading)) {
            LogPosition now = position();
            if (newest != null && !newest.life().equals(now.life())) {
                beginAnew();
                keep(0);
                return Optional.empty();
            }
            newest = now;
            ticks.add(now);
            cursors.replaceAll(cursor -> cursor.isReading() ? cursor : cursor.to(now, ticks));
            joinLevel();
        }
        LogPosition now = newest;
        for (int i = 0; i < cursors.size(); i++) {
            while (cursors.get(i).isReading()) {
                Optional<OutboxBatch> batch = read(i, now, events, bytes);
                if (batch.isPresent() || newest == null) {
                    return batch;
                }
            }
        }
        ticks.forgetBelow(cursors.stream()
                .mapToLong(cursor -> cursor.low().lowest())
                .min()
                .orElse(0));
        return Optional.empty();
    }

    /** Reads on in the window of one cursor; empty at its end, or if everything has to begin anew. */
    private Optional<OutboxBatch> read(int index, LogPosition now, int events, long bytes) {
        ReadCursor cursor = cursors.get(index);
        String high = String.valueOf(cursor.window());
        Window window = new Window(
                source == EventSource.PRIMARY ? now.life() : null,
                cursor.position(),
                cursor.low().toString(),
                high,
                cursor.shards());
        Optional<SqlOutboxLog.Events> answer = ask(window, now, events, bytes);
        if (answer.isEmpty()) {
            beginAnew();
            keep(0);
            return Optional.empty();
        }
        List<ShardedEvent> read = answer.get().events();
        if (read.isEmpty()) {
            cursors.set(index, cursor.finished(ticks));
            return Optional.empty();
        }
        long last = read.get(read.size() - 1).event().number();
        ReadCursor next = answer.get().mayHaveMore() ? cursor.past(last) : cursor.finished(ticks);
        cursors.set(index, next);
        OutboxBatch batch = new OutboxBatch(++lastNumber, read, now.token());
        unacknowledged.put(
                batch.number(),
                new Progress(
                        cursor.shards(),
                        next.low().toString(),
                        Optional.ofNullable(next.window()).map(Snapshot::toString),
                        next.position(),
                        next.lowSeq()));
        return Optional.of(batch);
    }

    /** Empty if the primary has crashed. */
    private Optional<SqlOutboxLog.Events> ask(Window window, LogPosition now, int events, long bytes) {
        if (source == EventSource.REPLICA) {
            return Optional.of(routes.readAtLeast(
                    "outboxBatch", now.token(), connection -> sql.read(connection, window, events, bytes)));
        }
        return primary.run("readOutbox", (connection, again) -> {
            try {
                return Optional.of(sql.read(connection, window, events, bytes));
            } catch (SQLException e) {
                if (SqlStates.of(e).equals(SqlStates.NOT_IN_PREREQUISITE_STATE)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private LogPosition position() {
        Position told = primary.run("outboxPosition", (connection, again) -> {
            Position first = sql.position(connection);
            if (first.life() != null) {
                return first;
            }
            sql.beginLife(connection);
            return sql.position(connection);
        });
        UUID life = told.life();
        if (life == null) {
            throw new IllegalStateException("saga_outbox_life is empty, though it was filled just now");
        }
        return new LogPosition(
                life,
                told.lastSeq(),
                Snapshot.parse(told.snapshot()),
                told.nextTransaction(),
                routes.token(told.inserted()));
    }

    /** Cursors that have come to the same point go on together. */
    private void joinLevel() {
        List<ReadCursor> joined = new ArrayList<>();
        for (ReadCursor cursor : cursors) {
            int same = 0;
            while (same < joined.size() && !joined.get(same).isLevelWith(cursor)) {
                same++;
            }
            if (same < joined.size()) {
                joined.set(same, cursor.of(cursor.shards() | joined.get(same).shards()));
            } else {
                joined.add(cursor);
            }
        }
        cursors = joined;
    }

    /** Forgets what it remembers; its shards are begun anew from their cursors when it keeps them the next time. */
    private void beginAnew() {
        cursors.clear();
        unacknowledged.clear();
        ticks.clear();
        newest = null;
    }

    @Override
    public Acknowledgement acknowledge(OutboxBatch batch, List<Unpublished> exceptions) {
        Progress progress = unacknowledged.get(Arguments.present("batch", batch).number());
        LogPosition at = newest;
        if (progress == null || at == null) {
            beginAnew();
            return Acknowledgement.CRASHED;
        }
        Acknowledgement answer = primary.run(
                "noteProgress",
                (connection, again) ->
                        sql.note(connection, relay, id, at.life(), batch.number(), progress, exceptions));
        if (answer == Acknowledgement.NOTED) {
            unacknowledged.remove(batch.number());
        } else {
            beginAnew();
        }
        return answer;
    }

    @Override
    public List<ParkedKey> parkedKeys() {
        return primary.run("parkedKeys", (connection, again) -> sql.parkedKeys(connection, relay, id));
    }

    @Override
    public ParkedEvents parked(Collection<ParkedKey> keys, int each) {
        List<ParkedAttempt> found =
                primary.run("parked", (connection, again) -> sql.parked(connection, relay, keys, each));
        // Told after the events were found, and so after their commits.
        return new ParkedEvents(found, position().token());
    }

    @Override
    public void settle(List<Settlement> settlements) {
        if (!settlements.isEmpty()) {
            primary.run("settleParked", (connection, again) -> {
                sql.settle(connection, relay, id, settlements);
                return true;
            });
        }
    }

    @Override
    public void leave() {
        beginAnew();
        primary.run("leaveRelay", (connection, again) -> {
            sql.leave(connection, relay, id);
            return true;
        });
    }
}
