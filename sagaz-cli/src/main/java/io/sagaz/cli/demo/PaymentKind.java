package io.sagaz.cli.demo;

import java.util.Locale;

/** Which way the money of a payment goes. */
enum PaymentKind {
    /** From the customer. */
    CHARGE,
    /** Back to the customer. */
    REFUND;

    /** As the database writes it. */
    String sql() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads what {@link #sql()} wrote. */
    static PaymentKind of(String sql) {
        return valueOf(sql.toUpperCase(Locale.ROOT));
    }
}
