package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.CausalToken;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class SampleRingTest {
    private static final long DELAY = 600;
    private static final History HISTORY = timeline(1);

    private final SampleRing ring = new SampleRing();

    @Test
    void nothingIsKnownBeforeTheFirstSample() {
        assertThat(ring.staleness(Long.MAX_VALUE, HISTORY, 1_000)).isEmpty();
    }

    @Test
    void aReplicaThatReplayedEverythingIsAsOldAsTheNewestSample() {
        sample(1_000, "1:1:", 50, 50);
        assertThat(ring.staleness(50, HISTORY, 1_030)).hasValue(30);
    }

    @Test
    void aReplicaBehindEverySampleIsUnbounded() {
        sample(1_000, "1:1:", 50, 50);
        assertThat(ring.staleness(49, HISTORY, 1_030)).isEmpty();
    }

    @Test
    void theNewestEpochThatWasReplayedCounts() {
        sample(1_000, "1:1:", 50, 50);
        sample(2_000, "2:2:", 60, 60);
        sample(3_000, "3:3:", 70, 70);
        assertThat(ring.staleness(65, HISTORY, 3_100)).hasValue(1_100);
    }

    @Test
    void logOfOpenTransactionsDoesNotMakeAReplicaLookStale() {
        sample(1_000, "1:2:1", 50, 50);
        sample(9_000, "1:2:1", 5_000, 50);
        assertThat(ring.staleness(50, HISTORY, 9_010)).hasValue(10);
    }

    @Test
    void whatWasInsertedButNotFlushedIsWaitedForOnlyAsLongAsAsynchronousCommitsAre() {
        sample(1_000, "1:2:1", 90, 50);
        assertThat(ring.staleness(50, HISTORY, 1_010)).hasValue(DELAY + 10);
        sample(1_500, "1:2:1", 90, 50);
        assertThat(ring.staleness(50, HISTORY, 1_510)).hasValue(DELAY + 510);
        sample(1_700, "1:2:1", 90, 50);
        assertThat(ring.staleness(50, HISTORY, 1_710)).hasValue(10);
    }

    @Test
    void aSlowAnswerIsCountedFromItsEnd() {
        // Sent at 1000 and held up; the snapshot of just before 1600 shows an asynchronous commit of just before that.
        ring.add(new PrimarySample(1_000, 1_600, "a", HISTORY, "2:2:", 90, 50, "1", DELAY));
        sample(1_700, "2:2:", 90, 50);
        assertThat(ring.staleness(50, HISTORY, 1_710)).as("not flushed yet").hasValue(710 + DELAY);
        assertThat(ring.token()).contains(new CausalToken(7, 1, 90));
        sample(2_200, "2:2:", 90, 90);
        assertThat(ring.staleness(50, HISTORY, 2_210)).hasValue(1_210 + DELAY);
    }

    @Test
    void anAsynchronousCommitFlushedAfterTheFirstSampleIsNotForgottenInALongEpoch() {
        // Visible at 1000 and inserted up to 90, but flushed only later; the replica lost its connection at 50.
        sample(1_000, "2:2:", 90, 50);
        sample(2_000, "2:2:", 90, 90);
        sample(9_000, "2:2:", 90, 90);
        assertThat(ring.staleness(50, HISTORY, 9_010)).hasValue(8_010 + DELAY);
        assertThat(ring.staleness(90, HISTORY, 9_010)).hasValue(10);
    }

    @Test
    void positionsOfAnotherHistorySayNothing() {
        sample(1_000, "1:1:", 50, 50);
        ring.add(new PrimarySample(2_000, 2_000, "b", timeline(2), "1:1:", 60, 60, "1", DELAY));
        assertThat(ring.staleness(55, timeline(2), 2_010)).isEmpty();
        assertThat(ring.staleness(60, timeline(2), 2_010)).hasValue(10);
        assertThat(ring.staleness(70, HISTORY, 2_010))
                .as("a replica that may follow the history that was left")
                .isEmpty();
        assertThat(ring.staleness(70, timeline(3), 2_010))
                .as("a replica that follows somebody else")
                .isEmpty();
    }

    /** A database may be moved to a cluster of its own, whose log is shorter and has the same timeline. */
    @Test
    void positionsOfAnotherClusterSayNothing() {
        sample(1_000, "1:1:", 50, 50);
        History other = new History(8, 1);
        ring.add(new PrimarySample(2_000, 2_000, "b", other, "1:1:", 60, 60, "1", DELAY));
        assertThat(ring.staleness(70, HISTORY, 2_010))
                .as("a replica of the cluster that was left")
                .isEmpty();
        assertThat(ring.staleness(55, other, 2_010)).isEmpty();
        assertThat(ring.staleness(60, other, 2_010)).hasValue(10);
        assertThat(ring.token()).contains(new CausalToken(8, 1, 60));
        assertThat(ring.isDiverged(new ReplicaState(40, HISTORY, 2_005))).isTrue();
        assertThat(ring.isDiverged(new ReplicaState(40, other, 2_005))).isFalse();
    }

    @Test
    void aLogThatLostItsEndSaysNothing() {
        sample(1_000, "1:1:", 50, 50);
        sample(2_000, "1:1:", 40, 40);
        assertThat(ring.staleness(40, HISTORY, 2_010)).hasValue(10);
        assertThat(ring.staleness(39, HISTORY, 2_010)).isEmpty();
    }

    @Test
    void whatWasReachedBeforeALogLostItsEndDoesNotCount() {
        sample(1_000, "1:1:", 30, 30);
        sample(2_000, "2:2:", 50, 50);
        sample(3_000, "3:3:", 40, 40);
        assertThat(ring.staleness(35, HISTORY, 3_010)).isEmpty();
    }

    @Test
    void logThatOpenTransactionsFlushDoesNotMakeAReplicaLookStale() {
        sample(1_000, "1:2:1", 90, 50);
        sample(1_000 + DELAY, "1:2:1", 90, 60);
        assertThat(ring.staleness(60, HISTORY, 1_000 + DELAY))
                .as("every commit was flushed by now")
                .hasValue(0);
        sample(9_000, "1:2:1", 5_000, 4_000);
        assertThat(ring.staleness(60, HISTORY, 9_010)).hasValue(10);
    }

    @Test
    void twoThousandStretchesAreRememberedAndNoMore() {
        int stretches = 2_048;
        for (int i = 1; i <= stretches; i++) {
            sample(i, i + ":" + i + ":", 10L * i, 10L * i);
        }
        assertThat(ring.staleness(10, HISTORY, stretches)).hasValue(stretches - 1);
        int next = stretches + 1;
        sample(next, next + ":" + next + ":", 10L * next, 10L * next);
        assertThat(ring.staleness(10, HISTORY, next)).isEmpty();
        assertThat(ring.staleness(20, HISTORY, next)).hasValue(next - 2);
    }

    @Test
    void theNewestSampleIsTold() {
        assertThat(ring.newest()).isNull();
        sample(1_000, "1:1:", 50, 50);
        sample(2_000, "1:1:", 60, 60);
        assertThat(ring.newest()).extracting(PrimarySample::sentNanos).isEqualTo(2_000L);
        ring.clear();
        assertThat(ring.newest()).isNull();
    }

    @Test
    void anEqualSnapshotAfterAnInterruptionBeginsAnEpochOfItsOwn() {
        sample(1_000, "1:1:", 50, 50);
        ring.interrupt();
        sample(2_000, "1:1:", 60, 60);
        assertThat(ring.staleness(50, HISTORY, 2_010)).hasValue(1_010);
    }

    @Test
    void anEqualSnapshotOfAnotherBackendBeginsAnEpochOfItsOwn() {
        // The primary crashed between the samples, behind a pooler that let nobody notice: the text came back.
        ring.add(new PrimarySample(1_000, 1_000, "a", HISTORY, "1:1:", 50, 50, "1", DELAY));
        ring.add(new PrimarySample(2_000, 2_000, "a", HISTORY, "1:1:", 60, 60, "2", DELAY));
        assertThat(ring.staleness(50, HISTORY, 2_010)).hasValue(1_010);
    }

    @Test
    void aLongerDelayOfAsynchronousCommitsCountsForTheWholeEpoch() {
        ring.add(new PrimarySample(1_000, 1_000, "a", HISTORY, "1:2:1", 90, 50, "1", 100));
        ring.add(new PrimarySample(1_050, 1_050, "a", HISTORY, "1:2:1", 90, 50, "1", 5_000));
        ring.add(new PrimarySample(1_200, 1_200, "a", HISTORY, "1:2:1", 90, 50, "1", 5_000));
        assertThat(ring.staleness(50, HISTORY, 1_210)).hasValue(5_210);
    }

    @Test
    void aReplicaAheadOfALaterSampleFollowsAnotherHistory() {
        assertThat(ring.isDiverged(new ReplicaState(51, HISTORY, 1_001)))
                .as("nothing is known")
                .isFalse();
        sample(1_000, "1:1:", 50, 50);
        assertThat(ring.isDiverged(new ReplicaState(51, HISTORY, 1_001)))
                .as("the primary may have gone on since")
                .isFalse();
        assertThat(ring.isDiverged(new ReplicaState(51, HISTORY, 1_000))).isTrue();
        sample(1_002, "1:1:", 50, 50);
        assertThat(ring.isDiverged(new ReplicaState(51, HISTORY, 1_001))).isTrue();
        assertThat(ring.isDiverged(new ReplicaState(50, HISTORY, 1_001))).isFalse();
    }

    @Test
    void aQuietPrimaryWithUnflushedLogIsWorthANudge() {
        sample(1_000, "1:2:1", 90, 50);
        assertThat(ring.isWaitingForFlush(50, 8_192))
                .as("one sample does not show that it is quiet")
                .isFalse();
        sample(1_100, "1:2:1", 95, 50);
        assertThat(ring.isWaitingForFlush(50, 8_192)).isTrue();
        assertThat(ring.isWaitingForFlush(90, 8_192))
                .as("replayed all there is")
                .isFalse();
        assertThat(new SampleRing().isWaitingForFlush(0, 8_192)).isFalse();
    }

    @Test
    void aReplicaFarBehindIsNotHelpedByANudge() {
        sample(1_000, "1:2:1", 90_000, 90_000);
        sample(1_100, "1:2:1", 90_000, 90_000);
        assertThat(ring.isWaitingForFlush(50, 8_192)).isFalse();
    }

    @Test
    void aTokenIsTheLowestPositionThatShowsWhatTheNewestSampleSaw() {
        assertThat(ring.token()).isEmpty();
        sample(1_000, "1:2:1", 90, 50);
        assertThat(ring.token()).contains(new CausalToken(7, 1, 90));
        sample(1_100, "1:2:1", 900, 70);
        assertThat(ring.token()).as("an open transaction wrote on").contains(new CausalToken(7, 1, 90));
        sample(1_700, "1:2:1", 900, 80);
        assertThat(ring.token())
                .as("every commit that is seen was flushed by now")
                .contains(new CausalToken(7, 1, 80));
        sample(1_800, "1:3:1", 910, 910);
        assertThat(ring.token()).contains(new CausalToken(7, 1, 910));
        sample(2_800, "1:3:1", 2_000, 1_500);
        assertThat(ring.token())
                .as("flushed since is what an open transaction wrote")
                .contains(new CausalToken(7, 1, 910));
        ring.clear();
        assertThat(ring.token()).isEmpty();
    }

    /**
     * A primary that commits synchronously and asynchronously, leaves transactions open and flushes late; a replica that
     * replays some of what was flushed. Whatever the bound says, nothing acknowledged before it may be missing.
     */
    @RepeatedTest(200)
    void theBoundIsNeverTooSmall() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        SampleRing tried = new SampleRing();
        List<long[]> commits = new ArrayList<>(); // {end of its record, acknowledged at}
        List<long[]> unflushed = new ArrayList<>(); // {position, to be flushed at the latest at}
        long now = 1;
        long inserted = 0;
        long flushed = 0;
        long xid = 1;
        for (int i = 0; i < 400; i++) {
            now += 1 + random.nextInt(100);
            long at = now;
            for (long[] late : unflushed) {
                if (late[1] <= at) {
                    flushed = Math.max(flushed, late[0]);
                }
            }
            switch (random.nextInt(6)) {
                case 0 -> { // a synchronous commit
                    inserted += 1 + random.nextInt(50);
                    flushed = inserted;
                    xid++;
                    commits.add(new long[] {inserted, now});
                }
                case 1 -> { // an asynchronous commit
                    inserted += 1 + random.nextInt(50);
                    xid++;
                    commits.add(new long[] {inserted, now});
                    unflushed.add(new long[] {inserted, now + DELAY});
                }
                case 2 -> inserted += random.nextInt(500); // an open transaction writes
                case 3 -> flushed += random.nextLong(inserted - flushed + 1); // the WAL writer flushes what it likes
                default -> {
                    long sent = now;
                    if (random.nextInt(3) == 0) { // held up, and answered just after an asynchronous commit
                        now += random.nextInt(2_000);
                        inserted += 1 + random.nextInt(50);
                        xid++;
                        commits.add(new long[] {inserted, now});
                        unflushed.add(new long[] {inserted, now + DELAY});
                    }
                    for (long[] late : unflushed) {
                        if (late[1] <= now) {
                            flushed = Math.max(flushed, late[0]);
                        }
                    }
                    tried.add(new PrimarySample(sent, now, "a", HISTORY, "x" + xid, inserted, flushed, "1", DELAY));
                    long token = tried.token().orElseThrow().position();
                    assertThat(commits)
                            .as("seed %d: the token of %d is %d", seed, sent, token)
                            .noneMatch(commit -> commit[0] > token);
                }
            }
            long replayed = random.nextBoolean() ? flushed : random.nextLong(flushed + 1);
            OptionalLong bound = tried.staleness(replayed, HISTORY, now);
            if (bound.isPresent()) {
                long freshAsOf = now - bound.getAsLong();
                for (long[] commit : commits) {
                    assertThat(commit[1] < freshAsOf && commit[0] > replayed)
                            .as(
                                    "seed %d: committed at %d up to %d, replayed %d, bound says fresh as of %d",
                                    seed, commit[1], commit[0], replayed, freshAsOf)
                            .isFalse();
                }
            }
        }
    }

    private static History timeline(int timeline) {
        return new History(7, timeline);
    }

    private void sample(long at, String snapshot, long inserted, long flushed) {
        ring.add(new PrimarySample(at, at, "a", HISTORY, snapshot, inserted, flushed, "1", DELAY));
    }
}
