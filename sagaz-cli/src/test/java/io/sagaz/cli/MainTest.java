package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "demo --seconds 9           | --seconds must be from 10 to 600, but is 9",
                "demo --seconds 601         | --seconds must be from 10 to 600, but is 601",
                "demo --replicas 0          | --replicas must be from 1 to 16, but is 0",
                "demo --postgres 13         | --postgres must be from 14 to 18, but is 13",
                "demo --seconds soon        | Invalid value for option '--seconds'",
                "demo --seed                | Missing required parameter for option '--seed'",
                "up --port-base 80          | --port-base must be from 1024 to 65500, but is 80",
                "up --replicas 17           | --replicas must be from 1 to 16, but is 17",
                "up here                    | Unmatched argument at index 1: 'here'",
                "down                       | Unmatched argument at index 0: 'down'",
                "stauts                     | Did you mean: sagaz status",
                "''                         | Say what to do",
                "partition                  | Say what to do: list, create, cleanup, maintain.",
                "completion fish            | Invalid value for positional parameter at index 0 (SHELL)",
            })
    void mistakesAreNamedWithTheirBounds(String arguments, String message) {
        Outcome outcome = run(arguments.isEmpty() ? List.of() : List.of(arguments.split(" ", -1)));

        assertThat(outcome.words()).contains(message).contains("--help");
        assertThat(outcome.status()).isEqualTo(2);
    }

    private record Outcome(int status, String words) {}

    private static Outcome run(List<String> arguments) {
        CliRun run = CliRun.in(Map.of()).run(arguments.toArray(new String[0]));
        return new Outcome(run.status(), run.words());
    }
}
