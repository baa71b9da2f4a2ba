package io.sagaz.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLocksProvider.Lock;

/** Who gets a topology for itself, from what is declared. */
class WishesTest {
    private final TopologyLocks locks = new TopologyLocks();

    @Test
    void aTestWithFaultsIsAloneAndOthersShare() {
        assertThat(modes(locks.provideForMethod(List.of(), Plain.class, method(Plain.class, "breaks"))))
                .containsExactly(ResourceAccessMode.READ_WRITE);
        assertThat(modes(locks.provideForMethod(List.of(), Plain.class, method(Plain.class, "uses"))))
                .containsExactly(ResourceAccessMode.READ);
        assertThat(locks.provideForClass(Plain.class)).isEmpty();
    }

    @Test
    void whatRunsBeforeATestCounts() {
        assertThat(modes(locks.provideForMethod(List.of(), Extending.class, method(Extending.class, "uses"))))
                .containsExactly(ResourceAccessMode.READ_WRITE);
        assertThat(modes(locks.provideForMethod(
                        List.of(Around.class), Around.Inner.class, method(Around.Inner.class, "uses"))))
                .containsExactly(ResourceAccessMode.READ_WRITE);
    }

    @Test
    void whoHasTheTopologyForAWholeClassHoldsItForAsLong() {
        assertThat(modes(locks.provideForClass(Keeping.class))).containsExactly(ResourceAccessMode.READ);
        assertThat(Wishes.forFaultsAnywhere(List.of(), Keeping.class)).isFalse();
        assertThat(Wishes.forFaultsAnywhere(List.of(), Extending.class)).isTrue();
        assertThat(Wishes.forFaultsAnywhere(List.of(), Around.class)).isTrue();
        assertThat(Wishes.forFaultsAnywhere(List.of(Around.class), Around.Inner.class))
                .isTrue();
    }

    @Test
    void onlyTheSameSettingsMeanTheSameTopology() {
        Set<Lock> plain = locks.provideForMethod(List.of(), Plain.class, method(Plain.class, "uses"));
        assertThat(locks.provideForMethod(List.of(), Extending.class, method(Extending.class, "uses")))
                .extracting(Lock::getKey)
                .containsExactlyElementsOf(plain.stream().map(Lock::getKey).toList());
        assertThat(locks.provideForMethod(List.of(), Keeping.class, method(Keeping.class, "uses")))
                .extracting(Lock::getKey)
                .doesNotContainAnyElementsOf(plain.stream().map(Lock::getKey).toList());
        assertThat(locks.provideForMethod(List.of(), Own.class, method(Own.class, "breaks")))
                .isEmpty();
        assertThat(locks.provideForMethod(List.of(), Bare.class, method(Bare.class, "uses")))
                .isEmpty();
    }

    private static List<ResourceAccessMode> modes(Set<Lock> locks) {
        return locks.stream().map(Lock::getAccessMode).toList();
    }

    private static Method method(Class<?> type, String name) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.getName().equals(name))
                .findAny()
                .orElseThrow();
    }

    @SagazTopology
    static class Plain {
        void breaks(TestDatabase database, Faults faults) {}

        void uses(TestDatabase database) {}
    }

    @SagazTopology
    abstract static class Base {
        @BeforeEach
        void breaks(Faults faults) {}
    }

    static final class Extending extends Base {
        void uses() {}
    }

    @SagazTopology
    static class Around {
        Around(Faults faults) {}

        @Nested
        class Inner {
            void uses() {}
        }
    }

    @SagazTopology(replicas = 2)
    static class Keeping {
        @BeforeAll
        static void keep(Topology topology) {}

        void uses() {}
    }

    @SagazTopology(fresh = true)
    static class Own {
        void breaks(Faults faults) {}
    }

    static class Bare {
        void uses() {}
    }
}
