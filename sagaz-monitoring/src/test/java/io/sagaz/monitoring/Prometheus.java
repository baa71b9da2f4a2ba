package io.sagaz.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;

/** Asks a Prometheus. */
final class Prometheus {
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;

    Prometheus(int port) {
        url = "http://127.0.0.1:" + port;
    }

    boolean isReady() throws InterruptedException {
        try {
            return http.send(request("/-/ready"), BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** The series of an expression, now. */
    JsonNode query(String expression) throws IOException, InterruptedException {
        return get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .get("result");
    }

    /** The series of an expression from a moment to another, a value every so many seconds. */
    JsonNode range(String expression, Instant from, Instant to, long stepSeconds)
            throws IOException, InterruptedException {
        return get("/api/v1/query_range?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8) + "&start="
                        + from.getEpochSecond() + "&end=" + to.getEpochSecond() + "&step=" + stepSeconds)
                .get("result");
    }

    /** The names of all metrics that were ever scraped or recorded. */
    Set<String> names() throws IOException, InterruptedException {
        Set<String> names = new TreeSet<>();
        get("/api/v1/label/__name__/values").forEach(name -> names.add(name.asText()));
        return names;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        String body = http.send(request(path), BodyHandlers.ofString()).body();
        JsonNode answer = new ObjectMapper().readTree(body);
        if (!answer.path("status").asText().equals("success")) {
            throw new IOException(path + " gives " + body);
        }
        return answer.get("data");
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .build();
    }
}
