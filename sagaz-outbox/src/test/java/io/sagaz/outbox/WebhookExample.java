package io.sagaz.outbox;

import io.sagaz.storage.EventPayload;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A publisher of one's own, for docs/outbox/relay.md: what stands between the two marks stands there. */
final class WebhookExample {
    private WebhookExample() {}

    static EventPublisher publisher(HttpClient http, URI receiver) {
        // begin
        EventPublisher publisher = outgoing -> {
            HttpRequest.Builder request = HttpRequest.newBuilder(receiver).timeout(Duration.ofSeconds(10));
            CloudEventAttributes.of(outgoing, "/orders").forEach((name, value) -> request.header("ce-" + name, value));
            String json = ((EventPayload.Json) outgoing.event().payload()).text();
            return http.sendAsync(
                            request.POST(HttpRequest.BodyPublishers.ofString(json))
                                    .build(),
                            BodyHandlers.discarding())
                    .handle((response, error) -> {
                        if (error != null || response.statusCode() >= 500) {
                            throw new BrokerUnavailableException(receiver + " takes nothing now", error); // all wait
                        }
                        if (response.statusCode() >= 400) {
                            throw new IllegalArgumentException(
                                    "refused: " + response.statusCode()); // this one is parked
                        }
                        return null;
                    });
        };
        // end
        return publisher;
    }
}
