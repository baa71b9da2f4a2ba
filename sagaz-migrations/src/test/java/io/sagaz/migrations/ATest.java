package io.sagaz.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ATest {
    @Test
    void works() {
        assertThat(A.class).isFinal();
    }
}
