package io.sagaz.bench.outbox;

import io.sagaz.bench.report.Result;
import io.sagaz.bench.report.Section;
import io.sagaz.bench.report.Unit;
import io.sagaz.bench.report.Words;
import java.util.List;

/** What {@link KafkaMeasurement} has found. Pure. */
record KafkaSection(KafkaMeasurement measured, OutboxSizes.Draining sizes) {
    Section section() {
        Result publisher = rate(KafkaDrainer.PUBLISHER).inPicture();
        Result relay = rate(KafkaDrainer.RELAY_TO_NOBODY).inPicture();
        Result both = rate(KafkaDrainer.RELAY).against(publisher).against(relay).inPicture();
        // One after the other on the same cores, the two would take the sum of their times.
        double apart = 1 / (1 / publisher.value() + 1 / relay.value());
        return new Section(
                "to Kafka",
                "Events in a second to a Kafka " + new Peers().version("kafka")
                        + " broker on the same machine, a topic of " + KafkaMeasurement.PARTITIONS
                        + " partitions, `acks=all`, an idempotent producer with Kafka's other defaults: "
                        + Words.count(sizes.events())
                        + " events that wait, as above. The publisher alone gets events from memory, 2,000 on the way at once as with a"
                        + " relay; the relay alone has a publisher that does nothing. The broker is that of the testkit, whose JVM"
                        + " compiles with C1 only; it answers when an event is in its page cache, as Kafka does.",
                List.of(both, publisher, relay),
                "To Kafka goes " + Words.times(both.ratio()) + " of what the publisher alone can bring there, and "
                        + Words.times(both.ratios().get(1).value())
                        + " of what the relay alone can read. If nothing of the two went on at the same time, it would be "
                        + Words.count(Math.round(apart))
                        + " /s: broker, publisher, relay and PostgreSQL share the cores, and those are the bound.");
    }

    private Result rate(KafkaDrainer drainer) {
        return Result.median(drainer.title(), Unit.PER_SECOND, measured.rates(drainer));
    }
}
