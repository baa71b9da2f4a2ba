package io.sagaz.bench.load;

import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import java.util.List;

/** The saga that everybody keeps: an order of three steps. Its texts are the same for all. */
public final class Order {
    /** Kind of the saga. */
    public static final String NAME = "order";
    /** Its steps, in their order. */
    public static final List<String> STEPS = List.of("reserve", "charge", "ship");
    /** Where its events go. */
    public static final String TOPIC = "orders";
    /** What it works with. */
    public static final String CONTEXT =
            "{\"order\": 4711, \"customer\": \"9f61408e3afb633e50cdf1b20de6f466\", \"amount\": 815, \"currency\": \"EUR\"}";
    /** What a step gives. */
    public static final String OUTPUT = "{\"confirmation\": \"c81e728d9d4c2f636f067f89cc14862c\"}";
    /** What an event tells. */
    public static final String EVENT =
            "{\"order\": 4711, \"customer\": \"9f61408e3afb633e50cdf1b20de6f466\", \"state\": \"changed\"}";

    private Order() {}

    /** One for Sagaz to start, with an event. */
    public static NewSaga saga() {
        return NewSaga.named(NAME)
                .steps(STEPS.toArray(String[]::new))
                .context(CONTEXT)
                .emit(event());
    }

    /** An event of one. */
    public static OutboxEvent event() {
        return OutboxEvent.to(TOPIC).type("changed").json(EVENT);
    }
}
