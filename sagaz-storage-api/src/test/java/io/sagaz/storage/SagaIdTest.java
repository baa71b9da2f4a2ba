package io.sagaz.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SagaIdTest {
    @Test
    void carriesTheTimeOfItsClock() {
        // Far ahead of the system clock, so that identifiers made by other tests do not push it forward.
        Instant ahead = Instant.parse("2200-03-01T12:00:00.123Z");
        SagaId id = SagaId.next(Clock.fixed(ahead, ZoneOffset.UTC));

        assertThat(id.createdAt()).isEqualTo(ahead);
        assertThat(id.value().version()).isEqualTo(7);
        assertThat(id.value().variant()).isEqualTo(2);
        // The next one, of a clock that runs right, is not drawn into that future.
        assertThat(SagaId.next().createdAt()).isBefore(Instant.now().plusSeconds(2));
    }

    @Test
    void ascendsWithinOneMillisecond() {
        Clock stopped = Clock.fixed(Instant.parse("2300-01-01T00:00:00Z"), ZoneOffset.UTC);
        String before = SagaId.next(stopped).toString();
        for (int i = 0; i < 10_000; i++) {
            String next = SagaId.next(stopped).toString();
            assertThat(next).isGreaterThan(before);
            before = next;
        }
    }

    @Test
    void followsAClockThatIsSetBackByMoreThanASecond() {
        Instant before = Instant.parse("2250-01-01T00:00:00Z");
        SagaId newest = at(before);
        SagaId aSecondBack = at(before.minusMillis(1_000));
        assertThat(aSecondBack.createdAt()).isEqualTo(before);
        assertThat(aSecondBack.toString()).as("still in order").isGreaterThan(newest.toString());

        Instant anew = before.minusMillis(1_001);
        String last = "";
        for (int i = 0; i < 100; i++) {
            SagaId next = at(anew);
            assertThat(next.createdAt()).isEqualTo(anew);
            assertThat(next.toString()).as("in order among themselves").isGreaterThan(last);
            last = next.toString();
        }
    }

    @Test
    void carriesAnyTimeFrom1970To10889() {
        Instant latest = Instant.ofEpochMilli((1L << 48) - 1).minusSeconds(1);
        assertThat(at(Instant.EPOCH).createdAt()).isEqualTo(Instant.EPOCH);
        assertThat(at(latest).createdAt()).isEqualTo(latest);
        for (Instant wrong : List.of(Instant.EPOCH.minusMillis(1), latest.plusMillis(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> at(wrong))
                    .withMessageContaining("from 1970 to the year 10889")
                    .withMessageContaining(wrong.toEpochMilli() + " ms")
                    .withMessageContaining("Set the clock");
        }
    }

    @Test
    void isUniqueAmongThreads() {
        Set<SagaId> ids = ConcurrentHashMap.newKeySet();
        IntStream.range(0, 100_000).parallel().forEach(i -> ids.add(SagaId.next()));
        assertThat(ids).hasSize(100_000);
    }

    @Test
    void survivesItsTextForm() {
        SagaId id = SagaId.next();
        assertThat(SagaId.parse(id.toString())).isEqualTo(id);
        assertThat(new HashSet<>(Set.of(id)))
                .contains(SagaId.parse(id.toString().toUpperCase(java.util.Locale.ROOT)));
    }

    @Test
    void knowsTheTimeOfTheExampleInTheStandard() {
        // RFC 9562, appendix A.6.
        SagaId id = SagaId.parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
        assertThat(id.createdAt()).isEqualTo(Instant.parse("2022-02-22T19:22:22Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5bd3b7a8-1b51-4d5c-8a0e-6d6a1a0f5a11",
                // Of version 7 by its digit, and of another standard by the next one.
                "017f22e2-79b0-7cc3-08c4-dc0c0c07398f"
            })
    void refusesOtherVersions(UUID other) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SagaId(other))
                .withMessageContaining("version 7")
                .withMessageContaining(other.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "1-1-1-1-1", "017F22E279B07CC398C4DC0C0C07398F", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F "
            })
    void refusesOtherTexts(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SagaId.parse(text))
                .withMessageContaining("must be a UUID");
    }

    @Test
    void refusesAFormWithoutLeadingZeros() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SagaId.parse("17F22E2-79B0-7CC3-98C4-DC0C0C07398F"))
                .withMessage("SagaId must be a UUID in its full form of 36 characters but is"
                        + " \"17F22E2-79B0-7CC3-98C4-DC0C0C07398F\"");
    }

    @Test
    void repeatsNoMoreThanTheBeginningOfALongText() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SagaId.parse("x".repeat(60)))
                .withMessage("SagaId must be a UUID but is \"" + "x".repeat(60) + "\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SagaId.parse("x".repeat(61)))
                .withMessage("SagaId must be a UUID but is \"" + "x".repeat(60) + "…\"");
    }

    private static SagaId at(Instant time) {
        return SagaId.next(Clock.fixed(time, ZoneOffset.UTC));
    }
}
