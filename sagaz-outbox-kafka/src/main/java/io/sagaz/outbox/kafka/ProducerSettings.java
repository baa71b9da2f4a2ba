package io.sagaz.outbox.kafka;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;

/** The settings of a producer that keeps the promise of the outbox, or the reason why they do not. Pure. */
final class ProducerSettings {
    static final int MAX_BLOCK_MILLIS = 2_000;
    static final int REQUEST_TIMEOUT_MILLIS = 10_000;
    static final int DELIVERY_TIMEOUT_MILLIS = 20_000;

    private static final int LONGEST_BLOCK_MILLIS = 60_000;
    private static final int LONGEST_DELIVERY_MILLIS = 300_000;
    private static final int MOST_IN_FLIGHT = 5;

    private static final Map<String, Object> DEFAULTS = Map.of(
            ProducerConfig.CLIENT_ID_CONFIG,
            "sagaz-outbox",
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            "true",
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            MAX_BLOCK_MILLIS,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            REQUEST_TIMEOUT_MILLIS,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            DELIVERY_TIMEOUT_MILLIS);

    private static final List<Rule> RULES = List.of(
            new Rule(
                    ProducerConfig.ACKS_CONFIG,
                    value -> value.equals("all") || value.equals("-1"),
                    "all: with less an acknowledged event is lost with one broker. Leave it out"),
            new Rule(
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    value -> value.toLowerCase(Locale.ROOT).equals("true"),
                    "true: without it a retry of the client can double events and change their order. Leave it out"),
            new Rule(
                    ProducerConfig.RETRIES_CONFIG,
                    between(1, Integer.MAX_VALUE),
                    "at least 1: without retries each election of a leader fails events. Leave it out"),
            new Rule(
                    ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                    between(1, MOST_IN_FLIGHT),
                    "1 to " + MOST_IN_FLIGHT + ": an idempotent producer keeps order with no more. Leave it out"),
            new Rule(
                    ProducerConfig.MAX_BLOCK_MS_CONFIG,
                    between(1, LONGEST_BLOCK_MILLIS),
                    "1 to " + LONGEST_BLOCK_MILLIS
                            + ": for so long one event can keep the relay waiting. Leave it out"),
            new Rule(
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                    between(1, LONGEST_DELIVERY_MILLIS),
                    "1 to " + LONGEST_DELIVERY_MILLIS
                            + ": so late the relay hears that the brokers are gone. Leave it out"),
            new Rule(
                    ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG,
                    value -> value.toLowerCase(Locale.ROOT).equals("false"),
                    "false: events of one key keep their order in one partition only. Leave it out"),
            new Rule(
                    ProducerConfig.PARTITIONER_CLASS_CONFIG,
                    value -> !value.equals(RoundRobinPartitioner.class.getName()),
                    "one that goes by the key: events of one key keep their order in one partition only. Leave it out"),
            new Rule(
                    ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                    value -> false,
                    "absent: nothing here begins or commits a transaction of Kafka. Leave it out"),
            new Rule(
                    ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                    value -> false,
                    "absent: keys are sent as UTF-8. Leave it out"),
            new Rule(
                    ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                    value -> false,
                    "absent: payloads are sent as they are. Leave it out"));

    private record Rule(String setting, Predicate<String> holds, String wanted) {
        Optional<String> brokenBy(Map<String, ?> settings) {
            Object value = settings.get(setting);
            return value == null || holds.test(shown(value))
                    ? Optional.empty()
                    : Optional.of(setting + " is " + shown(value) + " but must be " + wanted);
        }

        private static String shown(Object value) {
            return value instanceof Class<?> type
                    ? type.getName()
                    : String.valueOf(value).strip();
        }
    }

    private ProducerSettings() {}

    /**
     * What was given, with our defaults for what was not.
     *
     * @throws IllegalArgumentException if a setting breaks a promise; names all that do, with value and remedy
     */
    static Map<String, Object> of(Map<String, ?> given) {
        List<String> broken = new ArrayList<>();
        if (!given.containsKey(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG)) {
            broken.add(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG + " is missing: give the addresses of some brokers");
        }
        RULES.forEach(rule -> rule.brokenBy(given).ifPresent(broken::add));
        if (!broken.isEmpty()) {
            throw new IllegalArgumentException("KafkaEventPublisher.properties: " + String.join("; ", broken));
        }
        Map<String, Object> settings = new HashMap<>(DEFAULTS);
        settings.putAll(given);
        // The client insists that a delivery may take as long as one request with its lingering.
        requireTimeForOneRequest(settings, given.keySet());
        return settings;
    }

    private static void requireTimeForOneRequest(Map<String, Object> settings, Set<String> given) {
        long delivery = number(settings, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
        long request = number(settings, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG);
        long linger = settings.containsKey(ProducerConfig.LINGER_MS_CONFIG)
                ? number(settings, ProducerConfig.LINGER_MS_CONFIG)
                : 0;
        if (delivery < request + linger) {
            String remedy = given.contains(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)
                    ? "raise it, or lower those"
                    : "set a " + ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG + " of less than that, or raise it";
            throw new IllegalArgumentException("KafkaEventPublisher.properties: "
                    + ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG + " is " + delivery + " but must be at least "
                    + ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG + " (" + request + ") and "
                    + ProducerConfig.LINGER_MS_CONFIG + " (" + linger + ") together: " + remedy);
        }
    }

    private static long number(Map<String, Object> settings, String name) {
        String value = String.valueOf(settings.get(name)).strip();
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "KafkaEventPublisher.properties: " + name + " is " + value + " but must be a number", e);
        }
    }

    private static Predicate<String> between(long least, long most) {
        return value -> {
            try {
                long number = Long.parseLong(value);
                return number >= least && number <= most;
            } catch (NumberFormatException e) {
                return false;
            }
        };
    }
}
