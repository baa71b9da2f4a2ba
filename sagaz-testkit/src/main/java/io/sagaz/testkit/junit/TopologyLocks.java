package io.sagaz.testkit.junit;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLocksProvider;

/**
 * Tells JUnit, for when it runs tests in parallel, that a test with faults wants its topology for itself. JUnit takes the locks before
 * it starts a test, and those of a class before the class; so no thread waits in the middle of a test.
 */
final class TopologyLocks implements ResourceLocksProvider {
    @Override
    public Set<Lock> provideForClass(Class<?> testClass) {
        return ofClass(List.of(), testClass);
    }

    @Override
    public Set<Lock> provideForNestedClass(List<Class<?>> enclosingInstanceTypes, Class<?> testClass) {
        return ofClass(enclosingInstanceTypes, testClass);
    }

    /** Who has the topology from the beginning of the class must not see it replaced in the middle. */
    private static Set<Lock> ofClass(List<Class<?>> enclosing, Class<?> testClass) {
        return Wishes.byClass(testClass) ? lock(enclosing, testClass, settings -> false) : Set.of();
    }

    @Override
    public Set<Lock> provideForMethod(List<Class<?>> enclosingInstanceTypes, Class<?> testClass, Method testMethod) {
        return lock(
                enclosingInstanceTypes,
                testClass,
                settings -> Wishes.forFaults(enclosingInstanceTypes, testClass, testMethod));
    }

    private static Set<Lock> lock(
            List<Class<?>> enclosing, Class<?> testClass, Predicate<TopologySettings> isExclusive) {
        return TopologySettings.of(testClass, enclosing)
                .filter(settings -> !settings.fresh())
                .map(settings -> Set.of(new Lock(
                        "io.sagaz.testkit." + settings,
                        isExclusive.test(settings) ? ResourceAccessMode.READ_WRITE : ResourceAccessMode.READ)))
                .orElse(Set.of());
    }
}
