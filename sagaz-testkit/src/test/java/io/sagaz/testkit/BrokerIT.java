package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class BrokerIT {
    @Test
    void aRedisKeepsWhatItWasToldAcrossACrash() throws IOException {
        try (Broker redis = redisOrSkip()) {
            assertThat(ask(redis, "SET key 42")).isEqualTo("+OK");
            redis.crash();
            assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(IOException.class);
            redis.start();
            assertThat(ask(redis, "GET key")).isEqualTo("$2\r\n42");
        }
    }

    @Test
    void aClosedBrokerLeavesNoProcessAndNoDirectory() throws IOException {
        List<Path> before = homes();
        Broker redis = redisOrSkip();
        assertThat(homes()).hasSize(before.size() + 1);
        Path home = homes().stream()
                .filter(path -> !before.contains(path))
                .findFirst()
                .orElseThrow();
        assertThat(serving(home)).hasSize(1);
        redis.close();
        redis.close();
        assertThat(serving(home)).isEmpty();
        assertThat(home).doesNotExist();
    }

    @Test
    void aRabbitMqIsFoundWithItsPortMapperAndLeavesNothing() throws IOException {
        List<Path> before = homes();
        Broker rabbit;
        try {
            rabbit = Broker.rabbitMq();
        } catch (BrokerMissingException e) {
            rabbit = Assumptions.abort(String.valueOf(e.getMessage()));
        }
        Path home = homes().stream()
                .filter(path -> !before.contains(path))
                .findFirst()
                .orElseThrow();
        assertThat(serving(home)).as("what a later test would find and end").hasSizeGreaterThanOrEqualTo(2);
        rabbit.rabbitmqctl("await_startup");
        rabbit.close();
        assertThat(serving(home)).isEmpty();
        assertThat(home).doesNotExist();
    }

    @Test
    void withoutItsClassesKafkaIsMissingAndItIsSaidWhatToAdd() {
        assertThatThrownBy(Broker::kafka)
                .isInstanceOf(BrokerMissingException.class)
                .hasMessageContaining("org.apache.kafka:kafka_2.13");
    }

    private static Broker redisOrSkip() {
        try {
            return Broker.redis();
        } catch (BrokerMissingException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    private static List<Path> homes() throws IOException {
        Path base = Path.of(System.getProperty("java.io.tmpdir"))
                .toRealPath()
                .resolve("sagaz-" + System.getProperty("user.name"));
        if (!Files.exists(base)) {
            return List.of();
        }
        String own = "t-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> paths = Files.list(base)) {
            return paths.filter(path -> path.getFileName().toString().startsWith(own))
                    .toList();
        }
    }

    private static List<ProcessHandle> serving(Path home) {
        return ProcessHandle.allProcesses()
                .filter(process -> Processes.servesFrom(home, process) && !Processes.isGone(process))
                .toList();
    }

    private static String ask(Broker redis, String command) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port()), 5_000);
            socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.substring(0, answer.lastIndexOf("\r\n+OK"));
        }
    }
}
