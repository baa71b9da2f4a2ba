package io.sagaz.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RouteWatchTest {
    private final RouteWatch watch = new RouteWatch();

    @Test
    void tellsOnceWhenReadsMoveAndOnceWhenTheyReturn() {
        assertThat(watch.observe(seconds(1), 100, 0)).isEmpty();
        watch.paused(seconds(2));
        assertThat(watch.observe(seconds(2), 150, 0)).isEmpty();
        assertThat(watch.observe(seconds(3), 150, 40).orElse("")).contains("primary", "1.0 s");
        assertThat(watch.observe(seconds(4), 150, 90)).isEmpty();
        watch.resumed(seconds(5));
        assertThat(watch.observe(seconds(6), 150, 140)).isEmpty();
        assertThat(watch.observe(seconds(8), 200, 140).orElse("")).contains("back", "3.0 s");
        assertThat(watch.observe(seconds(9), 250, 140)).isEmpty();

        assertThat(watch.movedAfter()).contains(seconds(1));
        assertThat(watch.returnedAfter()).contains(seconds(3));
    }

    @Test
    void aFewFallbacksWithoutAPauseAreNoNews() {
        assertThat(watch.observe(seconds(1), 0, 50)).isEmpty();
        assertThat(watch.movedAfter()).isEmpty();
    }

    @Test
    void silenceIsNoMove() {
        watch.paused(seconds(1));

        assertThat(watch.observe(seconds(2), 0, 0)).isEmpty();
        assertThat(watch.movedAfter()).isEmpty();
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
