package io.sagaz.testkit.junit;

import io.sagaz.testkit.Topology;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.platform.commons.support.AnnotationSupport;

/** What an annotation says: classes that say the same share a topology, unless it is to be their own. */
record TopologySettings(int replicas, int postgres, boolean hotStandbyFeedback, boolean durable, boolean fresh) {

    /** What counts for a class, empty without the annotation. Values are not checked. */
    static Optional<TopologySettings> of(Class<?> testClass, List<Class<?>> enclosing) {
        return AnnotationSupport.findAnnotation(testClass, SagazTopology.class, enclosing)
                .map(given -> new TopologySettings(
                        given.replicas(),
                        given.postgres(),
                        given.hotStandbyFeedback(),
                        given.durable(),
                        given.fresh()));
    }

    /** Fails unless a topology can be like this. */
    void requireValidFor(Class<?> testClass) {
        try {
            builder();
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException(
                    "@SagazTopology of " + testClass.getName() + ": " + e.getMessage(), e);
        }
    }

    Topology start() {
        return builder().start();
    }

    private Topology.Builder builder() {
        Topology.Builder builder = Topology.builder()
                .replicas(replicas)
                .hotStandbyFeedback(hotStandbyFeedback)
                .durable(durable);
        return postgres == 0 ? builder : builder.postgres(postgres);
    }
}
