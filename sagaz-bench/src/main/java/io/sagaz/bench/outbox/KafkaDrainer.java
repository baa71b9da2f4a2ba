package io.sagaz.bench.outbox;

/** Who brings events to Kafka, or is what that could not be faster than. */
enum KafkaDrainer {
    /** A relay and the publisher for Kafka. */
    RELAY("Sagaz to Kafka"),
    /** The same publisher with the same events, which come from memory. */
    PUBLISHER("the publisher alone"),
    /** The same relay with the same events, which go nowhere. */
    RELAY_TO_NOBODY("the relay alone");

    private final String title;

    KafkaDrainer(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
