package io.sagaz.bench.outbox;

import io.sagaz.bench.measure.Rounds;
import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What {@link DrainMeasurement} has found. Pure. */
record DrainSection(DrainMeasurement measured, OutboxSizes.Draining sizes) {
    private static final double LEAST_RATE = 100_000;
    private static final double LEAST_OF_SCAN = 0.4;
    private static final double LEAST_OF_PEER = 10;

    Section section() {
        Result scan = rate(Drainer.SCAN);
        Result relay = rate(Drainer.RELAY)
                .against(scan)
                .shouldBe(
                        "at least " + Words.count((long) LEAST_RATE) + " /s, or " + Words.times(LEAST_OF_SCAN)
                                + " of the scan",
                        result -> result.value() >= LEAST_RATE || result.ratio() >= LEAST_OF_SCAN)
                .inPicture();
        Result toPeer = toPeer();
        List<Result> results = new ArrayList<>(
                List.of(relay, toPeer, rate(Drainer.LARGE_RELAY).against(scan).against(relay), scan));
        for (Drainer peer : Drainer.peers()) {
            results.add(rate(peer).against(relay).inPicture());
        }
        return new Section(
                "draining",
                "Events in a second, to a publisher that does nothing. " + Words.count(sizes.events())
                        + " events wait for a relay that begins with the first, and "
                        + Words.count(sizes.eventsOfPeers())
                        + " for each of the others, who have " + sizes.workers()
                        + " workers each; the relay has one thread. The time is from the start of whoever drains until all of it is"
                        + " published and durably noted as such. The scan does nothing of the kind: it reads the rows that the relay"
                        + " reads, in whatever order they come, in one transaction with a fetch size of "
                        + Words.count(ScanDrain.FETCH) + ", with as many of its columns, and makes no objects of them.",
                results,
                "The relay publishes " + Words.times(relay.ratio()) + " of what the scan reads, and "
                        + Words.times(toPeer.value())
                        + " times what whoever comes closest does. What it notes it notes for a batch,"
                        + " not for an event.");
    }

    private Result toPeer() {
        Rounds fastest = Drainer.peers().stream()
                .map(measured::rates)
                .max(Comparator.comparingDouble(Rounds::median))
                .orElseThrow();
        return Result.median(
                        "Sagaz to the fastest other",
                        Unit.TIMES,
                        measured.rates(Drainer.RELAY).dividedBy(fastest))
                .shouldBe("at least " + Math.round(LEAST_OF_PEER), result -> result.value() >= LEAST_OF_PEER);
    }

    private Result rate(Drainer drainer) {
        return Result.median(drainer.title(), Unit.PER_SECOND, measured.rates(drainer));
    }
}
