package io.sagaz.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A Kafka broker that is its own controller, from the classes on a class path.
 *
 * @param classPath has {@code org.apache.kafka:kafka_2.13} on it
 */
record KafkaProgram(String classPath) implements BrokerProgram {
    static final String CONFIGURATION = "server.properties";
    private static final Duration FORMAT = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "kafka";
    }

    /** Clients, the controller. */
    @Override
    public int ports() {
        return 2;
    }

    @Override
    public void prepare(Path directory, List<Integer> ports, Children children) throws IOException {
        Path configuration = directory.resolve(CONFIGURATION);
        Files.writeString(configuration, """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=CLIENTS://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=CLIENTS://127.0.0.1:%1$d
                listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
                inter.broker.listener.name=CLIENTS
                controller.listener.names=CONTROLLER
                log.dirs=%3$s
                num.partitions=4
                auto.create.topics.enable=false
                offsets.topic.num.partitions=1
                offsets.topic.replication.factor=1
                group.initial.rebalance.delay.ms=0
                broker.session.timeout.ms=3000
                broker.heartbeat.interval.ms=500
                """.formatted(ports.get(0), ports.get(1), directory.resolve("data")));
        Files.writeString(directory.resolve("logback.xml"), """
                <configuration>
                  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                    <encoder><pattern>%d %-5level %logger{20} %msg%n</pattern></encoder>
                  </appender>
                  <root level="WARN"><appender-ref ref="out"/></root>
                </configuration>
                """);
        byte[] cluster = new byte[16];
        ThreadLocalRandom.current().nextBytes(cluster);
        // It begins with a letter then; what begins with a dash would be taken for an option.
        cluster[0] = 0;
        List<String> format = new ArrayList<>(java(directory, "kafka.tools.StorageTool"));
        format.addAll(List.of(
                "format",
                "--cluster-id",
                Base64.getUrlEncoder().withoutPadding().encodeToString(cluster),
                "--config",
                configuration.toString()));
        Command.Result result = Command.run(FORMAT, format.toArray(new String[0]));
        if (!result.succeeded()) {
            throw new TopologyException("Cannot format the storage of kafka: exit status " + result.exitStatus()
                    + ". It said:\n" + result.end());
        }
    }

    @Override
    public Children.Program program(Path directory, List<Integer> ports) {
        List<String> command = new ArrayList<>(java(directory, "kafka.Kafka"));
        command.add(directory.resolve(CONFIGURATION).toString());
        return new Children.Program(
                name(), "the broker of a test", 1, "TERM", List.copyOf(command), directory.resolve("kafka.log"));
    }

    private List<String> java(Path directory, String main) {
        // Not as an argument: of a process with very long ones the JVM shows none, and it could not be found again.
        return List.of(
                "env",
                "CLASSPATH=" + classPath,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=" + directory.resolve("logback.xml"),
                main);
    }

    /** ApiVersions, version 0, without a client id. */
    @Override
    public byte[] question() {
        return ByteBuffer.allocate(14)
                .putInt(10)
                .putShort((short) 18)
                .putShort((short) 0)
                .putInt(1)
                .putShort((short) -1)
                .array();
    }

    /** Any length below 64 KiB. */
    @Override
    public byte[] answer() {
        return "\0\0".getBytes(StandardCharsets.US_ASCII);
    }
}
