package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.testkit.Ledger.Entry;
import io.sagaz.testkit.Ledger.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Ledger ledger = new Ledger();

    @Test
    void whatArrivesAsPromisedIsFine() {
        for (int i = 0; i < 10; i++) {
            ledger.promise("k" + i % 2, i);
            ledger.arrive("k" + i % 2, i);
        }
        Verdict verdict =
                ledger.verdict().assertExactlyOnce().assertAtLeastOnce().assertInOrder();
        verdict.assertDuplicatesAtMost(0);
        assertThat(verdict.promised()).isEqualTo(10);
        assertThat(verdict.arrived()).isEqualTo(10).isEqualTo(ledger.arrived());
    }

    @Test
    void whatDoesNotArriveIsLost() {
        ledger.promise("k", 1);
        ledger.promise("k", 2);
        ledger.promise("k", 3);
        ledger.arrive("k", 2);
        Verdict verdict = ledger.verdict();
        assertThat(verdict.lost()).containsExactly(new Entry("k", 1), new Entry("k", 3));
        assertThatThrownBy(verdict::assertAtLeastOnce)
                .isInstanceOf(AssertionError.class)
                .hasMessage("""
                        Expected each to arrive at least once, but of 3 promised 1 arrived
                          lost: 2: k#1, k#3
                          arrived without a promise: 0
                          duplicates: 0
                          out of order: 0""");
        assertThatThrownBy(verdict::assertExactlyOnce).isInstanceOf(AssertionError.class);
    }

    @Test
    void whatNobodyPromisedIsUnknown() {
        ledger.promise("k", 1);
        ledger.arrive("k", 1);
        ledger.arrive("k", 2);
        Verdict verdict = ledger.verdict();
        assertThat(verdict.unknown()).containsExactly(new Entry("k", 2));
        assertThatThrownBy(verdict::assertAtLeastOnce).hasMessageContaining("arrived without a promise: 1: k#2");
        assertThatThrownBy(verdict::assertExactlyOnce).isInstanceOf(AssertionError.class);
    }

    @Test
    void whatIsDoubtfulMayArriveAndNeedNot() {
        ledger.doubt("k", 1);
        ledger.doubt("k", 2);
        ledger.arrive("k", 2);
        ledger.verdict().assertExactlyOnce();
    }

    @Test
    void aPromiseCountsMoreThanADoubt() {
        ledger.doubt("k", 1);
        ledger.promise("k", 1);
        ledger.doubt("k", 1);
        assertThat(ledger.verdict().lost()).containsExactly(new Entry("k", 1));
    }

    @Test
    void thePromiseMayComeBehindTheArrival() {
        assertThat(ledger.arrive("k", 1)).isTrue();
        ledger.promise("k", 1);
        ledger.awaitPromised(Duration.ZERO).assertExactlyOnce();
    }

    @Test
    void eachArrivalBehindTheFirstIsADuplicate() {
        ledger.promise("k", 1);
        assertThat(ledger.arrive("k", 1)).isTrue();
        assertThat(ledger.arrive("k", 1)).isFalse();
        assertThat(ledger.arrive("k", 1)).isFalse();
        Verdict verdict = ledger.verdict().assertAtLeastOnce().assertDuplicatesAtMost(2);
        assertThat(verdict.duplicates()).containsExactly(new Entry("k", 1), new Entry("k", 1));
        assertThatThrownBy(verdict::assertExactlyOnce)
                .hasMessageStartingWith("Expected each to arrive exactly once, but of 1 promised 1 arrived")
                .hasMessageContaining("duplicates: 2: k#1, k#1");
        assertThatThrownBy(() -> verdict.assertDuplicatesAtMost(1))
                .hasMessageStartingWith("Expected at most 1 duplicates, but of 1 promised 1 arrived");
    }

    @Test
    void theOrderIsThatOfTheFirstArrivalsOfAKey() {
        arrive("k", 1, 5, 3, 4, 6, 1);
        arrive("other", 2);
        Verdict verdict = ledger.verdict();
        assertThat(verdict.outOfOrder()).containsExactly(new Entry("k", 3), new Entry("k", 4));
        assertThatThrownBy(verdict::assertInOrder)
                .hasMessageStartingWith("Expected each key to arrive in its order")
                .hasMessageContaining("out of order: 2: k#3, k#4");
    }

    @Test
    void aDuplicateIsNotOutOfOrder() {
        arrive("k", 1, 2, 1, 3);
        ledger.verdict().assertInOrder();
    }

    @Test
    void theSeedIsTold() {
        Ledger seeded = Ledger.ofSeed(42);
        seeded.promise("k", 1);
        assertThatThrownBy(() -> seeded.verdict().assertExactlyOnce())
                .hasMessageContaining("of 1 promised 0 arrived (seed 42)");
    }

    @Test
    void ofManyTheFirstAreShown() {
        IntStream.range(0, 100).forEach(i -> ledger.promise("k", i));
        assertThat(ledger.verdict().toString())
                .contains("lost: 100: k#0, k#1, ", ", k#19, …")
                .doesNotContain("k#20");
    }

    @Test
    void twoThingsOfOneNumberAreAMistakeOfTheTest() {
        ledger.promise("k", 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.promise("k", 1))
                .withMessage("Ledger: k#1 was promised before; each thing of a key needs a number of its own");
    }

    @Test
    void whoeverWaitsInVainIsToldWhatIsMissing() {
        ledger.promise("k", 1);
        assertThatThrownBy(() -> ledger.awaitPromised(Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("Waited PT0.001S in vain until all that was promised has arrived: 1 promised 0")
                .hasMessageContaining("lost: 1: k#1");
        assertThatThrownBy(() -> ledger.awaitArrived(2, Duration.ofMillis(1)))
                .hasMessageStartingWith("Waited PT0.001S in vain until 2 have arrived: 1 promised 0 arrived");
    }

    @Test
    void itIsSafeForThreads() throws Exception {
        int threads = 4;
        int each = 2_000;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<? extends Future<?>> writers = IntStream.range(0, threads)
                    .mapToObj(thread -> executor.submit(() -> {
                        for (int i = 0; i < each; i++) {
                            ledger.promise("k" + thread, i);
                            ledger.arrive("k" + thread, i);
                            ledger.arrive("all", i);
                        }
                    }))
                    .toList();
            ledger.awaitArrived(threads * each + each, SOON);
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            executor.shutdownNow();
        }
        Verdict verdict = ledger.awaitPromised(SOON);
        assertThat(verdict.lost()).isEmpty();
        assertThat(verdict.unknown()).hasSize(each);
        assertThat(verdict.duplicates()).hasSize((threads - 1) * each);
        assertThat(verdict.promised()).isEqualTo(threads * each);
    }

    private void arrive(String key, int... numbers) {
        for (int number : numbers) {
            ledger.arrive(key, number);
        }
    }
}
