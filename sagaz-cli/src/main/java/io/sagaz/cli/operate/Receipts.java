package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.term.Figures;
import io.sagaz.cli.term.Row;
import io.sagaz.cli.term.Style;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadReceipt;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** Says where an answer came from, and how to go on. */
final class Receipts {
    private Receipts() {}

    static Row line(ReadReceipt receipt, Optional<PageRequest> next) {
        String more = next.flatMap(PageRequest::after)
                .map(cursor -> "; more with --after " + cursor)
                .orElse("");
        return new Row()
                .add(
                        Style.DIM,
                        "From " + receipt.source().name().toLowerCase(Locale.ROOT) + " " + receipt.server()
                                + ", at most "
                                + receipt.staleness().map(Figures::duration).orElse("any time") + " stale" + more);
    }

    static void write(JsonGenerator json, ReadReceipt receipt) throws IOException {
        json.writeObjectFieldStart("receipt");
        json.writeStringField("source", receipt.source().name());
        json.writeStringField("server", receipt.server());
        Json.millis(json, "stalenessMillis", receipt.staleness());
        json.writeEndObject();
    }

    static void write(JsonGenerator json, Optional<PageRequest> next) throws IOException {
        Json.optional(json, "next", next.flatMap(PageRequest::after));
    }
}
