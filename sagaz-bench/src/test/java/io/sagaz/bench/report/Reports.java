package io.sagaz.bench.report;

import io.sagaz.bench.measure.Rounds;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;

/** A report for tests. */
final class Reports {
    private Reports() {}

    static Report sample() {
        Result slow = Result.median("slow", Unit.MILLIS, new Rounds(List.of(2.0, 4.0, 8.0)));
        Result other = Result.median("other", Unit.MILLIS, new Rounds(List.of(1.0, 1.0, 1.0)));
        Result fast = Result.median("fast", Unit.MILLIS, new Rounds(List.of(1.0, 1.0, 1.0)))
                .against(slow)
                .against(other)
                .inPicture()
                .shouldBe("at most half of slow", result -> result.ratio() <= 0.5);
        Result wait = Result.max("wait <&>", Unit.MILLIS, new Rounds(List.of(30.0, 120.0)))
                .shouldBe("at most 100 ms", result -> result.value() <= 100);
        return new Report(
                "sample",
                "A sample",
                List.of("All of it is made up."),
                new Report.Run(LocalDate.of(2026, 1, 2), false, Duration.ofSeconds(90)),
                new Machine(2, "16.0 GiB", "Linux 6.1 amd64", "Some VM 17.0.1"),
                new Versions("15.1", "1.18.0", "42.7.0", "0.1.0"),
                List.of(
                        new Section("first", "How first was done.", List.of(fast, slow, other), "What first means."),
                        new Section("second", "How second was done.", List.of(wait), "What second means.")));
    }
}
