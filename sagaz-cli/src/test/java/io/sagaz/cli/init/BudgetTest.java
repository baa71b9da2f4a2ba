package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BudgetTest {
    private static Budget budget(int maxConnections) {
        return new Budget(
                maxConnections, new Budget.Pool("PgBouncer-RW", 1, 25, 5), new Budget.Pool("PgBouncer-RO", 1, 50, 10));
    }

    @Test
    void aServerHasRoomForBothPoolersForOperatorsAndForMonitoring() {
        assertThat(budget(109).needed()).isEqualTo(109);
        assertThat(budget(200).sum())
                .contains("25 + 5 in reserve + 2 of its own")
                .endsWith("= 109, of 200");
    }

    @Test
    void overcommitIsRefusedWithTheSumAndTheRemedy() {
        assertThatThrownBy(() -> budget(108))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--max-connections (SAGAZ_MAX_CONNECTIONS) is 108")
                .hasMessageContaining("32 of PgBouncer-RW")
                .hasMessageContaining("62 of PgBouncer-RO")
                .hasMessageContaining("= 109")
                .hasMessageContaining("Raise it to 109")
                .hasMessageContaining("--rw-pool");
    }

    @Test
    void eachPodOfAPoolerCounts() {
        Budget.Pool rw = new Budget.Pool("PgBouncer-RW", 4, 15, 5);
        Budget.Pool ro = new Budget.Pool("PgBouncer-RO", 12, 10, 2);

        assertThat(new Budget(271, rw, ro).sum())
                .contains("168 of PgBouncer-RO (12 pods of 10 + 2 in reserve + 2 of its own)")
                .endsWith("= 271, of 271");
        assertThatThrownBy(() -> new Budget(270, rw, ro)).hasMessageContaining("Raise it to 271");
    }

    @Test
    void eachPoolerMayAskWhetherAPasswordIsRight() {
        assertThat(budget(200).ofEachPooler()).isEqualTo(10);
        assertThat(new Budget(
                                500,
                                new Budget.Pool("PgBouncer-RW", 4, 15, 5),
                                new Budget.Pool("PgBouncer-RO", 12, 10, 2))
                        .ofEachPooler())
                .isGreaterThan(16);
    }

    @Test
    void replicasHaveConnectionsOfTheirOwnWithSomeToCopyBy() {
        assertThat(budget(200).senders()).isGreaterThanOrEqualTo(2 * Stack.MOST_REPLICAS + 2);
    }
}
