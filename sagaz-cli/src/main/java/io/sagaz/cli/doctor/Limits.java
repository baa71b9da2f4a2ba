package io.sagaz.cli.doctor;

import java.time.Duration;

/**
 * From where on something is too much.
 *
 * @param lag how far a replica may be behind
 * @param heldFor how long somebody may hold vacuum back
 * @param heldTransactions across how many transactions
 */
record Limits(Duration lag, Duration heldFor, long heldTransactions) {
    static final Limits DEFAULT = new Limits(Duration.ofSeconds(30), Duration.ofMinutes(15), 1_000_000);
}
