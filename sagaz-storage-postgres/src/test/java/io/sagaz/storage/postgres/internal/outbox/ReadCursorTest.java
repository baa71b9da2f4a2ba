package io.sagaz.storage.postgres.internal.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sagaz.storage.CausalToken;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Against a model of a database: whatever the order in which transactions begin, emit and end, each event is read once. */
class ReadCursorTest {
    private static final UUID LIFE = new UUID(1, 1);
    private static final CausalToken TOKEN = new CausalToken(1, 1, 1);

    private record Event(long seq, long transaction) {}

    /** Numbers are given as PostgreSQL gives them: an event's after its transaction's. */
    private static final class Database {
        private long nextTransaction = 100;
        private long lastSeq;
        private long latestCompleted = 99;
        private final TreeSet<Long> open = new TreeSet<>();
        private final Set<Long> committed = new HashSet<>();
        private final List<Event> events = new ArrayList<>();

        long begin() {
            long transaction = nextTransaction++;
            open.add(transaction);
            return transaction;
        }

        void emit(long transaction) {
            events.add(new Event(++lastSeq, transaction));
        }

        /** By a transaction that does nothing else. */
        void emitOne() {
            long transaction = begin();
            emit(transaction);
            end(transaction, true);
        }

        void end(long transaction, boolean commit) {
            open.remove(transaction);
            latestCompleted = Math.max(latestCompleted, transaction);
            if (commit) {
                committed.add(transaction);
            }
        }

        LogPosition position() {
            long end = latestCompleted + 1;
            String between = open.headSet(end).stream().map(String::valueOf).collect(Collectors.joining(","));
            long lowest = open.isEmpty() ? end : Math.min(open.first(), end);
            return new LogPosition(
                    LIFE, lastSeq, Snapshot.parse(lowest + ":" + end + ":" + between), nextTransaction, TOKEN);
        }

        List<Event> read(ReadCursor cursor, int most) {
            Snapshot window = cursor.window();
            return events.stream()
                    .filter(event -> committed.contains(event.transaction)
                            && event.seq > cursor.position()
                            && window != null
                            && window.shows(event.transaction)
                            && !cursor.low().shows(event.transaction))
                    .sorted(Comparator.comparingLong(Event::seq))
                    .limit(most)
                    .toList();
        }

        boolean mayStillBeCommittedUpTo(long seq) {
            return events.stream().anyMatch(event -> event.seq <= seq && open.contains(event.transaction));
        }
    }

    @Test
    void eachEventIsReadOnceWheneverItsTransactionCommits() {
        long seed = Long.getLong("sagaz.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            run(random, "seed " + seed + ", run " + i);
        }
    }

    private static void run(Random random, String which) {
        Database database = new Database();
        Ticks ticks = new Ticks();
        ReadCursor cursor = ReadCursor.kept(-1, Snapshot.NOTHING, 0, null, 0);
        List<Event> read = new ArrayList<>();
        List<Long> transactions = new ArrayList<>();
        for (int step = 0; step < 400 || !transactions.isEmpty(); step++) {
            int what = random.nextInt(10);
            if (what < 2 && step < 400 && transactions.size() < 8) {
                transactions.add(database.begin());
            } else if (what < 5 && !transactions.isEmpty() && step < 400) {
                database.emit(transactions.get(random.nextInt(transactions.size())));
            } else if (what < 6 && !transactions.isEmpty()) {
                // Some stay open for long.
                int which1 = random.nextInt(3) == 0 || step >= 400 ? 0 : random.nextInt(transactions.size());
                database.end(transactions.remove(which1), random.nextInt(5) > 0);
            } else if (what == 9 && random.nextInt(10) == 0) {
                // Whoever takes over knows what was kept, and no ticks.
                cursor = ReadCursor.kept(-1, cursor.low(), cursor.lowSeq(), cursor.window(), cursor.position());
                ticks.clear();
            } else {
                cursor = readOn(database, ticks, cursor, read, 1 + random.nextInt(5));
            }
            assertThat(database.mayStillBeCommittedUpTo(cursor.lowSeq()))
                    .as("%s: nothing up to lowSeq is open", which)
                    .isFalse();
        }
        for (int i = 0; i < 3 || cursor.isReading(); i++) {
            cursor = readOn(database, ticks, cursor, read, 50);
        }
        List<Event> expected = database.events.stream()
                .filter(event -> database.committed.contains(event.transaction))
                .toList();
        assertThat(read).as(which).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
    }

    private static ReadCursor readOn(Database database, Ticks ticks, ReadCursor from, List<Event> read, int most) {
        ReadCursor cursor = from;
        if (!cursor.isReading()) {
            LogPosition now = database.position();
            ticks.add(now);
            cursor = cursor.to(now, ticks);
            ticks.forgetBelow(cursor.low().lowest());
        }
        if (!cursor.isReading()) {
            return cursor;
        }
        List<Event> found = database.read(cursor, most);
        read.addAll(found);
        return found.size() < most ? cursor.finished(ticks) : cursor.past(found.get(found.size() - 1).seq);
    }

    @Test
    void aQuietLogIsNotLookedThrough() {
        Database database = new Database();
        Ticks ticks = new Ticks();
        database.emitOne();
        ReadCursor cursor = ReadCursor.kept(-1, Snapshot.NOTHING, 0, null, 0);
        List<Event> read = new ArrayList<>();
        cursor = readOn(database, ticks, cursor, read, 10);
        assertThat(read).hasSize(1);
        long other = database.begin();
        database.end(other, true);
        assertThat(cursor.to(database.position(), ticks).isReading())
                .as("a transaction without events")
                .isFalse();
    }

    @Test
    void whatCommitsLateIsLookedForFromWhereItBegan() {
        Database database = new Database();
        Ticks ticks = new Ticks();
        ReadCursor cursor = ReadCursor.kept(-1, Snapshot.NOTHING, 0, null, 0);
        List<Event> read = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            database.emitOne();
            cursor = readOn(database, ticks, cursor, read, 10);
        }
        long late = database.begin();
        database.emit(late);
        long seq = database.lastSeq;
        for (int i = 0; i < 10; i++) {
            database.emitOne();
            cursor = readOn(database, ticks, cursor, read, 10);
        }
        assertThat(read).as("the others were not kept waiting").hasSize(1_010);
        assertThat(cursor.lowSeq()).isLessThan(seq);
        database.end(late, true);
        LogPosition now = database.position();
        ticks.add(now);
        ReadCursor window = cursor.to(now, ticks);
        assertThat(window.position()).as("not from the beginning").isBetween(seq - 2, seq - 1);
        assertThat(database.read(window, 10)).containsExactly(new Event(seq, late));
    }

    /** Whoever takes over knows no ticks, and would look through all that is behind it. */
    @Test
    void lowSeqFollowsWhatIsReadUpToTheOldestThatIsOpen() {
        Database database = new Database();
        Ticks ticks = new Ticks();
        List<Event> read = new ArrayList<>();
        ReadCursor cursor = ReadCursor.kept(-1, Snapshot.NOTHING, 0, null, 0);
        for (int i = 1; i <= 10; i++) {
            database.emitOne();
            cursor = readOn(database, ticks, cursor, read, 10);
            assertThat(cursor.lowSeq()).isEqualTo(i);
        }
        database.begin();
        for (int i = 0; i < 10; i++) {
            database.emitOne();
            cursor = readOn(database, ticks, cursor, read, 10);
        }
        assertThat(read).hasSize(20);
        assertThat(cursor.lowSeq()).as("where the open one began").isEqualTo(10);
    }

    @Test
    void cursorsOfOtherShardsAreLevelIfTheyGoOnAtTheSamePoint() {
        Snapshot low = Snapshot.parse("10:20:10,14");
        Snapshot window = Snapshot.parse("12:30:12");
        ReadCursor cursor = ReadCursor.kept(0b01, low, 5, window, 7);
        assertThat(cursor.isLevelWith(ReadCursor.kept(0b10, Snapshot.parse("10:20:10,14"), 5, window, 7)))
                .isTrue();
        assertThat(cursor.isLevelWith(ReadCursor.kept(0b10, low, 6, window, 7))).isFalse();
        assertThat(cursor.isLevelWith(ReadCursor.kept(0b10, low, 5, window, 8))).isFalse();
        assertThat(cursor.isLevelWith(ReadCursor.kept(0b10, low, 5, null, 7))).isFalse();
        assertThat(cursor.isLevelWith(ReadCursor.kept(0b10, window, 5, window, 7)))
                .isFalse();
    }

    @Test
    void whatHasNoWindowCannotFinishIt() {
        ReadCursor cursor = ReadCursor.kept(-1, Snapshot.NOTHING, 0, null, 0);
        assertThatIllegalStateException().isThrownBy(() -> cursor.finished(new Ticks()));
    }
}
