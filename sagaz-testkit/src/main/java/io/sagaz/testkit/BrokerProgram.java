package io.sagaz.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** How one kind of broker is started in a directory of its own. */
sealed interface BrokerProgram permits KafkaProgram, RabbitMqProgram, RedisProgram {
    /** How messages call it. */
    String name();

    /** How many ports it needs; clients get the first. */
    int ports();

    /** Writes its configuration, once, and starts what must run before it and all the time. */
    void prepare(Path directory, List<Integer> ports, Children children) throws IOException;

    /** What to start, each time. */
    Children.Program program(Path directory, List<Integer> ports);

    /** What a client may say first, so that the broker answers. */
    byte[] question();

    /** How an answer begins that says that it takes requests now. */
    byte[] answer();

    /** How long a start may take. */
    default Duration patience() {
        return Duration.ofSeconds(90);
    }
}
