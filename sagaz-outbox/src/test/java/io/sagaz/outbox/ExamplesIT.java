package io.sagaz.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** The samples of docs/outbox/relay.md do what the page says. */
class ExamplesIT {
    @Test
    void aRelayPostsEventsToAReceiver() throws Exception {
        Queue<String> received = new ConcurrentLinkedQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean refused = body.contains("2");
            if (!refused) {
                received.add(exchange.getRequestHeaders().getFirst("ce-partitionkey") + " " + body);
            }
            exchange.sendResponseHeaders(refused ? 422 : 202, -1);
            exchange.close();
        });
        server.start();
        URI receiver = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        try (RelayStand stand = RelayStand.open();
                OutboxRelay relay = RelayExample.run(
                        stand.store(),
                        WebhookExample.publisher(HttpClient.newHttpClient(), receiver),
                        new SimpleMeterRegistry())) {
            stand.store().emit(List.of(order("good", 1)));
            stand.store().emit(List.of(order("bad", 2)));
            stand.store().emit(List.of(order("good", 3)));
            Await.until("what is taken has arrived", () -> received.size() == 2);
            Await.until(
                    "what is refused is parked",
                    () -> stand.count("SELECT count(*) FROM {s}.saga_outbox_parked WHERE attempts > 0") == 1);
            assertThat(received).containsExactlyElementsOf(List.of("good {\"n\": 1}", "good {\"n\": 3}"));
            assertThat(relay.shards()).isEqualTo(64);
        } finally {
            server.stop(0);
        }
    }

    private static OutboxEvent order(String key, int number) {
        return OutboxEvent.to("orders").key(key).json("{\"n\": " + number + "}");
    }

    @Test
    void thePageHasTheSamples() throws IOException {
        String page = Files.readString(Path.of("../docs/outbox/relay.md"));
        assertThat(page).contains(sample("RelayExample"), sample("WebhookExample"));
    }

    private static String sample(String type) throws IOException {
        String code = Files.readString(Path.of("src/test/java/io/sagaz/outbox", type + ".java"));
        return "```java\n"
                + code.substring(code.indexOf("// begin\n") + "// begin\n".length(), code.indexOf("        // end"))
                        .indent(-8)
                + "```\n";
    }
}
