package io.sagaz.testkit.store;

import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.junit.DatabaseTemplate;
import io.sagaz.testkit.junit.SagazTopology;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test of a class that asks for a {@link RoutingSagaStore} one of its own, on its own {@linkplain
 * io.sagaz.testkit.TestDatabase database}, which has the {@linkplain SagazSchema schema} already.
 *
 * <pre>{@code
 * @SagazStore
 * class OrdersIT {
 *     @Test
 *     void anOrderIsStarted(RoutingSagaStore store) { ... }
 * }
 * }</pre>
 *
 * <p>Parameters, beside those of {@link SagazTopology}, for tests, {@code @BeforeEach} and {@code @AfterEach} methods, and
 * constructors:
 *
 * <ul>
 *   <li>{@link RoutingSagaStore}: one for each test, the same within a test, closed after it. It writes and reads through the
 *       poolers.
 *   <li>{@link RoutingSagaStore.Builder}: a new one each time, for a store with further settings or for a second one; what it
 *       builds is closed by the test.
 * </ul>
 *
 * <p>After the test nobody may be connected to its database any more: a store, or a connection of the test's own, that was not
 * closed makes the test fail. So does a {@linkplain io.sagaz.testkit.ThreadLeaks thread} that the test has left, of a relay for
 * example. Where JUnit runs tests in parallel, threads are not looked at: it cannot be told whose they are.
 *
 * <p>What stands beside this on a class counts more than it: {@code @SagazTopology(replicas = 2)} for another topology, {@link
 * DatabaseTemplate} for a database with tables of the service's own.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@SagazTopology
@DatabaseTemplate(SagazSchema.class)
@ExtendWith(StoreExtension.class)
public @interface SagazStore {
    /**
     * Whether a thread that a test has left makes it fail; it is looked for from when the test asks for its store. Off for a class
     * whose first test starts what later ones go on to use, such as the context of a framework.
     */
    boolean threads() default true;
}
