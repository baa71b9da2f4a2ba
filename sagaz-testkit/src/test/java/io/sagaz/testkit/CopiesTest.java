package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class CopiesTest {
    private final Deque<Runnable> beside = new ArrayDeque<>();
    private int made;
    private boolean broken;

    private final Copies copies = new Copies(this::make, beside::add);

    private String make() {
        if (broken) {
            throw new IllegalStateException("broken");
        }
        made++;
        return "copy_" + made;
    }

    @Test
    void nothingIsMadeAheadForWhoeverAsksOnce() {
        assertThat(copies.take()).isEqualTo("copy_1");
        assertThat(beside).isEmpty();
    }

    @Test
    void whoeverAskedTwiceFindsTheNextOneMade() {
        copies.take();
        copies.take();
        beside.remove().run();
        assertThat(made).isEqualTo(3);

        assertThat(copies.take()).isEqualTo("copy_3");
        assertThat(made).isEqualTo(3);
        assertThat(beside).hasSize(1);
    }

    @Test
    void whatFailedBesideIsMadeAgainForTheCaller() {
        copies.take();
        copies.take();
        broken = true;
        beside.remove().run();
        assertThatIllegalStateException().isThrownBy(copies::take).withMessage("broken");

        broken = false;
        assertThat(copies.take()).isEqualTo("copy_3");
    }

    @Test
    void whenNobodyMakesThemAheadAnyMoreTheCallerDoes() {
        Copies alone = new Copies(this::make, task -> {
            throw new RejectedExecutionException("closed");
        });
        assertThat(alone.take()).isEqualTo("copy_1");
        assertThat(alone.take()).isEqualTo("copy_2");
        assertThat(alone.take()).isEqualTo("copy_3");
    }
}
