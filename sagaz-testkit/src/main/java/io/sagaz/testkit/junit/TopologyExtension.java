package io.sagaz.testkit.junit;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/**
 * The extension behind {@link SagazTopology}. Extensions that offer more parameters ask it for what their test has: {@link
 * #topology(ExtensionContext)}, {@link #database(ExtensionContext)}. What they open for a test and put in the store of its context after
 * that is closed before the database and the topology are.
 */
public final class TopologyExtension
        implements BeforeAllCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(TopologyExtension.class);

    /** For JUnit. */
    public TopologyExtension() {}

    /**
     * The topology of a test.
     *
     * @param context of a test, not of a class
     * @return what a parameter of the test would be
     * @throws ExtensionConfigurationException if the class has no {@link SagazTopology}
     * @throws ParameterResolutionException if the context is not one of a test
     */
    public static Topology topology(ExtensionContext context) {
        return use(context, "Topology").topology();
    }

    /**
     * The database of a test, which is made when it is asked for first.
     *
     * @param context of a test, not of a class
     * @return what a parameter of the test would be
     * @throws ExtensionConfigurationException if the class has no {@link SagazTopology}
     * @throws ParameterResolutionException if the context is not one of a test
     */
    public static TestDatabase database(ExtensionContext context) {
        return use(context, "TestDatabase").database();
    }

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext rootContext) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        settings(context).requireValidFor(context.getRequiredTestClass());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Wishes.isForUs(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == TestDatabase.class) {
            return database(context);
        }
        if (context.getTestMethod().isEmpty()) {
            return type == Faults.class ? faultsOfClass(context) : topologyOfClass(context);
        }
        return type == Faults.class ? use(context, "Faults").faults() : topology(context);
    }

    private static Faults faultsOfClass(ExtensionContext context) {
        TopologySettings settings = settings(context);
        if (!settings.fresh()) {
            throw new ParameterResolutionException("Faults for all tests of " + name(context)
                    + " would break a topology that other classes use: take them"
                    + " in @BeforeEach or in a test, or give the class its own with @SagazTopology(fresh = true)");
        }
        return holder(context, settings).topology().faults();
    }

    private static Topology topologyOfClass(ExtensionContext context) {
        TopologySettings settings = settings(context);
        if (!settings.fresh()
                && Wishes.forFaultsAnywhere(context.getEnclosingTestClasses(), context.getRequiredTestClass())) {
            throw new ParameterResolutionException("A Topology for all tests of " + name(context)
                    + ", some of which take Faults, would be closed when one of them leaves it broken: take it in"
                    + " @BeforeEach or in a test, or give the class its own with @SagazTopology(fresh = true)");
        }
        return holder(context, settings).forTests();
    }

    private static String name(ExtensionContext context) {
        return context.getRequiredTestClass().getName();
    }

    private static TopologyUse use(ExtensionContext context, String wanted) {
        TopologySettings settings = settings(context);
        if (context.getTestMethod().isEmpty()) {
            throw new ParameterResolutionException("A " + wanted + " is for one test, not for all of " + name(context)
                    + ": take it in @BeforeEach or in a test");
        }
        String test = name(context) + "." + context.getDisplayName();
        TopologyHolder holder = holder(context, settings);
        return context.getStore(NAMESPACE)
                .computeIfAbsent(
                        TopologyUse.class,
                        key -> new TopologyUse(test, holder, settings.fresh(), template(context)),
                        TopologyUse.class);
    }

    private static TopologySettings settings(ExtensionContext context) {
        return TopologySettings.of(context.getRequiredTestClass(), context.getEnclosingTestClasses())
                .orElseThrow(
                        () -> new ExtensionConfigurationException("TopologyExtension is used without its annotation:"
                                + " put @SagazTopology on " + name(context)));
    }

    private static Optional<Class<? extends TestDatabase.Preparation>> template(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(
                        context.getRequiredTestClass(), DatabaseTemplate.class, context.getEnclosingTestClasses())
                .map(DatabaseTemplate::value);
    }

    private static TopologyHolder holder(ExtensionContext context, TopologySettings settings) {
        return owner(context, settings)
                .getStore(NAMESPACE)
                .computeIfAbsent(settings, TopologyHolder::new, TopologyHolder.class);
    }

    /** With whose end a topology is closed. */
    private static ExtensionContext owner(ExtensionContext context, TopologySettings settings) {
        ExtensionContext root = context.getRoot();
        return settings.fresh()
                ? Stream.iterate(context, each -> each.getParent().orElse(root))
                        .filter(each -> each.getParent().orElse(root) == root)
                        .findFirst()
                        .orElse(root)
                : root;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        showLogs(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        showLogs(context);
    }

    private static void showLogs(ExtensionContext context) {
        context.getExecutionException()
                .filter(failure -> !(failure instanceof TestAbortedException))
                .ifPresent(failure ->
                        running(context).ifPresent(topology -> failure.addSuppressed(new ServerLogs(topology.logs()))));
    }

    private static Optional<Topology> running(ExtensionContext context) {
        return TopologySettings.of(context.getRequiredTestClass(), context.getEnclosingTestClasses())
                .map(settings -> owner(context, settings).getStore(NAMESPACE).get(settings, TopologyHolder.class))
                .flatMap(TopologyHolder::running);
    }
}
