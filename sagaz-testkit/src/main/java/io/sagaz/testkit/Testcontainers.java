package io.sagaz.testkit;

import com.github.dockerjava.api.DockerClient;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.Map;

/**
 * What is asked of Testcontainers. It is looked up, for its jar has no name as a module, and a module that is published must not
 * require it by the name of its file.
 */
final class Testcontainers {
    private static final String FACTORY = "org.testcontainers.DockerClientFactory";

    private Testcontainers() {}

    /** Fails unless its classes are there. */
    static void require(ClassLoader loader) throws ClassNotFoundException {
        Class.forName(FACTORY, false, loader);
    }

    /** A client of the engine that it finds. */
    static DockerClient client() {
        return (DockerClient) lookUp(() -> {
            Class<?> factory = Class.forName(FACTORY);
            return factory.getMethod("client")
                    .invoke(factory.getMethod("instance").invoke(null));
        });
    }

    /** Which one is on the class path. */
    static String version() {
        return labels().getOrDefault("org.testcontainers.version", "");
    }

    /** Makes sure that an image is here, and returns the name that it has. */
    static String image(String name) {
        return (String) lookUp(() -> {
            Class<?> names = Class.forName("org.testcontainers.utility.DockerImageName");
            Class<?> images = Class.forName("org.testcontainers.images.RemoteDockerImage");
            Object parsed = names.getMethod("parse", String.class).invoke(null, name);
            return images.getMethod("get").invoke(images.getConstructor(names).newInstance(parsed));
        });
    }

    /** By which it finds its containers again when this JVM has ended. */
    static Map<String, String> labels() {
        Map<String, String> labels = new HashMap<>();
        Map<?, ?> always = (Map<?, ?>) constant("DEFAULT_LABELS");
        always.forEach((name, value) -> labels.put(String.valueOf(name), String.valueOf(value)));
        labels.put((String) constant("TESTCONTAINERS_SESSION_ID_LABEL"), (String) constant("SESSION_ID"));
        return labels;
    }

    private static Object constant(String name) {
        return lookUp(() -> Class.forName(FACTORY).getField(name).get(null));
    }

    private interface LookUp {
        Object run() throws ReflectiveOperationException;
    }

    private static Object lookUp(LookUp lookUp) {
        try {
            return lookUp.run();
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            if (cause instanceof RuntimeException known) {
                throw known;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new TopologyException("Testcontainers failed: " + cause, e);
        } catch (ReflectiveOperationException e) {
            throw new TopologyException(
                    "This version of Testcontainers is not known here: " + e + ". Use "
                            + ContainerPrograms.TESTCONTAINERS,
                    e);
        }
    }
}
