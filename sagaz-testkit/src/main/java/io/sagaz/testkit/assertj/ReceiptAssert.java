package io.sagaz.testkit.assertj;

import io.sagaz.storage.ReadReceipt;
import io.sagaz.storage.ReadSource;
import io.sagaz.storage.RouteReason;
import java.time.Duration;
import org.assertj.core.api.AbstractAssert;

/** Assertions on how fresh an answer is: {@link SagazAssertions#assertThat(ReadReceipt)}. */
@SuppressWarnings("exports")
public final class ReceiptAssert extends AbstractAssert<ReceiptAssert, ReadReceipt> {
    ReceiptAssert(ReadReceipt receipt) {
        super(receipt, ReceiptAssert.class);
    }

    /** The kind of server that answered. */
    public ReceiptAssert isFrom(ReadSource expected) {
        return require("source " + expected, receipt().source() == expected);
    }

    /** Why that server. */
    public ReceiptAssert hasReason(RouteReason expected) {
        return require("reason " + expected, receipt().reason() == expected);
    }

    /** A bound of the staleness was proved, and is not above this one. */
    public ReceiptAssert isAtMostStale(Duration bound) {
        return require(
                "at most " + bound + " stale",
                receipt()
                        .staleness()
                        .filter(stale -> stale.compareTo(bound) <= 0)
                        .isPresent());
    }

    /** Nothing could be proved of the staleness. */
    public ReceiptAssert isOfUnknownStaleness() {
        return require("an unknown staleness", receipt().staleness().isEmpty());
    }

    private ReadReceipt receipt() {
        isNotNull();
        return actual;
    }

    private ReceiptAssert require(String expected, boolean holds) {
        if (!holds) {
            throw failure("Expected %s, but it is%n%s", expected, Prints.of(actual));
        }
        return this;
    }
}
