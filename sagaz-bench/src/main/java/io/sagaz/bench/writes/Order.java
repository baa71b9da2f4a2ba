package io.sagaz.bench.writes;

import java.util.List;

/** The saga that everybody keeps: an order of three steps. Its texts are the same for all. */
final class Order {
    static final String NAME = "order";
    static final List<String> STEPS = List.of("reserve", "charge", "ship");
    static final String TOPIC = "orders";
    static final String CONTEXT =
            "{\"order\": 4711, \"customer\": \"9f61408e3afb633e50cdf1b20de6f466\", \"amount\": 815, \"currency\": \"EUR\"}";
    static final String OUTPUT = "{\"confirmation\": \"c81e728d9d4c2f636f067f89cc14862c\"}";
    static final String EVENT =
            "{\"order\": 4711, \"customer\": \"9f61408e3afb633e50cdf1b20de6f466\", \"state\": \"changed\"}";

    private Order() {}
}
