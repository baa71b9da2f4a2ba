package io.sagaz.testkit.assertj;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.EventPayload;
import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaStep;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.StoredEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What assertions print: a line for the head, and one for each part. */
final class Prints {
    private static final int LONGEST = 200;

    private Prints() {}

    static String of(Saga saga) {
        SagaSummary head = saga.summary();
        StringBuilder text = new StringBuilder("  saga " + saga.id() + " \"" + head.name() + "\", " + saga.status()
                + ", version " + saga.version() + ", updated " + head.updatedAt());
        add(text, ", completed ", head.completedAt());
        add(text, ", owner ", head.owner());
        add(text, " until ", head.leasedUntil());
        add(text, "\n    key ", saga.idempotencyKey());
        add(text, "\n    error ", saga.error());
        add(text, "\n    result ", saga.result().map(Prints::shortened));
        text.append("\n    context ").append(shortened(saga.context()));
        for (SagaStep step : saga.steps()) {
            text.append("\n    step ")
                    .append(step.index())
                    .append(" \"")
                    .append(step.name())
                    .append("\" ")
                    .append(step.status());
            if (step.retries() > 0) {
                text.append(", retries ").append(step.retries());
            }
            add(text, ", error ", step.error());
            add(text, ", output ", step.output().map(Prints::shortened));
        }
        return text.toString();
    }

    static String of(ReadReceipt receipt) {
        return "  answer of " + receipt.source() + " " + receipt.server() + ", reason " + receipt.reason()
                + ", staleness " + receipt.staleness().map(Duration::toString).orElse("unknown");
    }

    static String ofEvents(List<StoredEvent> events) {
        return lines(
                events,
                event -> event.number() + " to " + event.topic() + ", type "
                        + event.type().orElse("-") + ", key " + event.key().orElse("-") + ", id " + event.id() + ", "
                        + (event.payload() instanceof EventPayload.Json json
                                ? shortened(json.text())
                                : event.payload().toString()));
    }

    static String ofTrail(List<AuditRecord> trail) {
        return lines(
                trail,
                entry -> entry.createdAt() + " " + entry.type() + ", version "
                        + entry.version().map(String::valueOf).orElse("-") + ", step "
                        + entry.step().orElse("-") + ", actor "
                        + entry.actor().orElse("-") + ", " + shortened(entry.data()));
    }

    private static <T> String lines(List<T> elements, Function<T, String> line) {
        return elements.isEmpty()
                ? "  (none)"
                : elements.stream().map(each -> "  " + line.apply(each)).collect(Collectors.joining("\n"));
    }

    private static void add(StringBuilder text, String before, Optional<?> value) {
        value.ifPresent(present -> text.append(before).append(present));
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "… (" + text.length() + " characters)";
    }
}
