package io.sagaz.testkit.junit;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import java.lang.annotation.Annotation;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Who asks for which parameters, as declared. */
final class Wishes {
    private Wishes() {}

    static boolean isForUs(Class<?> type) {
        return type == Topology.class || type == TestDatabase.class || type == Faults.class;
    }

    /** Whether a test may break its topology: it asks, or what runs for it. */
    static boolean forFaults(List<Class<?>> enclosing, Class<?> testClass, Method test) {
        return wantsFaults(test)
                || Stream.concat(enclosing.stream(), Stream.of(testClass))
                        .flatMap(type -> Stream.of(
                                        constructors(type),
                                        annotated(type, BeforeEach.class),
                                        annotated(type, AfterEach.class))
                                .flatMap(some -> some))
                        .anyMatch(Wishes::wantsFaults);
    }

    /** Whether anything in a class, around it or nested in it asks for faults. */
    static boolean forFaultsAnywhere(List<Class<?>> enclosing, Class<?> testClass) {
        return enclosing.stream().anyMatch(Wishes::forFaultsWithin) || forFaultsInOrBelow(testClass);
    }

    private static boolean forFaultsInOrBelow(Class<?> type) {
        return forFaultsWithin(type)
                || ReflectionSupport.findNestedClasses(type, nested -> true).stream()
                        .anyMatch(Wishes::forFaultsInOrBelow);
    }

    private static boolean forFaultsWithin(Class<?> type) {
        return constructors(type).anyMatch(Wishes::wantsFaults)
                || !ReflectionSupport.findMethods(type, Wishes::wantsFaults, HierarchyTraversalMode.TOP_DOWN)
                        .isEmpty();
    }

    /** Whether a topology may be kept for a whole class. */
    static boolean byClass(Class<?> testClass) {
        return Stream.of(
                        constructors(testClass),
                        annotated(testClass, BeforeAll.class),
                        annotated(testClass, AfterAll.class))
                .flatMap(some -> some)
                .anyMatch(some -> Arrays.stream(some.getParameterTypes()).anyMatch(Wishes::isForUs));
    }

    private static Stream<Executable> constructors(Class<?> type) {
        return Arrays.stream(type.getDeclaredConstructors());
    }

    private static Stream<Executable> annotated(Class<?> type, Class<? extends Annotation> annotation) {
        return AnnotationSupport.findAnnotatedMethods(type, annotation, HierarchyTraversalMode.TOP_DOWN).stream()
                .map(method -> method);
    }

    private static boolean wantsFaults(Executable some) {
        return Arrays.asList(some.getParameterTypes()).contains(Faults.class);
    }
}
