package io.sagaz.testkit.junit;

import java.util.Map;
import java.util.stream.Collectors;

/** What servers and poolers had to say when a test failed. It travels with the failure. */
final class ServerLogs extends Exception {
    private static final long serialVersionUID = 1L;

    ServerLogs(Map<String, String> logs) {
        super(text(logs), null, false, false);
    }

    private static String text(Map<String, String> logs) {
        return logs.entrySet().stream()
                .map(log -> log.getKey() + "\n" + log.getValue())
                .collect(Collectors.joining("\n", "The ends of the logs of the topology:\n", ""));
    }
}
