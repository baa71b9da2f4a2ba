package io.sagaz.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExpressionsTest {
    @Test
    void metricsAreToldFromFunctionsLabelsAndNumbers() {
        assertThat(Expressions.metrics("""
            max by (cluster) (a_bytes{x="b_bytes"} offset 30s)
            - on (cluster) group_right () rate(c:rate5m[5m]) > 10e6 and d == +Inf or vector(0) / 1e6
            """)).containsExactly("a_bytes", "c:rate5m", "d");
        assertThat(Expressions.metrics("label_replace(e, \"f\", \"$1\", \"g\", \"(.*)\")"))
                .containsExactly("e");
    }

    @Test
    void selectorsAreCountedOneByOne() {
        String expression = "sum(a{x=\"1\"}) / sum(a) + b{y=\"2\",x=\"1\"}";
        assertThat(Expressions.selectors(expression)).isEqualTo(3);
        assertThat(Expressions.selectorsWith(expression, "x=\"1\"")).isEqualTo(2);
    }
}
