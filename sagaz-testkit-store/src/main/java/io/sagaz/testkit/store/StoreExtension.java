package io.sagaz.testkit.store;

import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.ThreadLeaks;
import io.sagaz.testkit.junit.TopologyExtension;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** The extension behind {@link SagazStore}: offers stores, and closes them before their database is dropped. */
public final class StoreExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(StoreExtension.class);
    private static final String PARALLEL = "junit.jupiter.execution.parallel.enabled";

    /** For JUnit. */
    public StoreExtension() {}

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext rootContext) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == RoutingSagaStore.class || type == RoutingSagaStore.Builder.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestDatabase database = TopologyExtension.database(context);
        TestStores stores = context.getStore(NAMESPACE)
                .computeIfAbsent(TestStores.class, key -> new TestStores(database, threads(context)), TestStores.class);
        return parameter.getParameter().getType() == RoutingSagaStore.class ? stores.store() : stores.builder();
    }

    /** Nothing where the threads of several tests cannot be told apart, or where they are not to be looked at. */
    private static Optional<ThreadLeaks> threads(ExtensionContext context) {
        boolean parallel = context.getConfigurationParameter(PARALLEL)
                .map(Boolean::parseBoolean)
                .orElse(false);
        boolean wanted = AnnotationSupport.findAnnotation(
                        context.getRequiredTestClass(), SagazStore.class, context.getEnclosingTestClasses())
                .map(SagazStore::threads)
                .orElse(true);
        return wanted && !parallel ? Optional.of(ThreadLeaks.watch()) : Optional.empty();
    }
}
