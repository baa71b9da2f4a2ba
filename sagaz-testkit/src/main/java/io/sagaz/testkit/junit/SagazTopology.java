package io.sagaz.testkit.junit;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Gives the tests of a class a {@linkplain Topology topology}. It counts for classes that extend the class and for nested ones,
 * and can be put on an annotation; what is nearest to a class counts.
 *
 * <pre>{@code
 * @SagazTopology(replicas = 2)
 * class OrdersIT {
 *     @Test
 *     void ordersAreKept(TestDatabase database) { ... }
 *
 *     @Test
 *     void ordersAreFoundWhileAReplicaIsLate(TestDatabase database, Faults faults) { ... }
 * }
 * }</pre>
 *
 * <p><b>One for all.</b> A topology is started when the first parameter needs it, is used by all classes with the same settings
 * of a run, and closed at the end of the run.
 *
 * <p><b>Parameters</b> of tests, of {@code @BeforeEach} and {@code @AfterEach} methods, and of constructors:
 *
 * <ul>
 *   <li>{@link TestDatabase}: a fresh one for each test, the same within a test, dropped after it; empty, or as {@link
 *       DatabaseTemplate} says.
 *   <li>{@link Faults}: the test breaks the topology. While it runs, no other test has the same topology, also when JUnit runs tests
 *       in parallel. After it the topology is {@linkplain Topology#state() looked at}: if it is not as it was before, it is
 *       closed, and the next test gets a new one. So a test need not mend what it has broken; it is quicker if it does. The log
 *       says what became of it.
 *   <li>{@link Topology}: {@linkplain Topology#lent() lent}. Also in {@code @BeforeAll} and {@code @AfterAll}, if no test of the
 *       class takes {@code Faults}.
 * </ul>
 *
 * <p>A test that fails carries the ends of the logs of all servers and poolers, as a suppressed exception.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(TopologyExtension.class)
@ResourceLock(providers = TopologyLocks.class)
public @interface SagazTopology {
    /**
     * How many replicas, from 1 to 16.
     *
     * @return as {@link Topology.Builder#replicas(int)}
     */
    int replicas() default 1;

    /**
     * Which major version of PostgreSQL, from 14 to 18; 0 for what {@code sagaz.testkit.postgres} says, else the
     * newest on this machine, or 18 when there is none.
     *
     * @return as {@link Topology.Builder#postgres(int)}
     */
    int postgres() default 0;

    /**
     * Whether queries on replicas hold back the vacuum of the primary.
     *
     * @return as {@link Topology.Builder#hotStandbyFeedback(boolean)}
     */
    boolean hotStandbyFeedback() default false;

    /**
     * Whether data survive a crash of the operating system.
     *
     * @return as {@link Topology.Builder#durable(boolean)}
     */
    boolean durable() default false;

    /**
     * Whether the class, with those nested in it, has a topology of its own, closed after it. It is not lent and not looked at
     * after a test: what one test breaks is broken for the next. Takes {@link Faults} in {@code @BeforeAll} too.
     *
     * @return true for one of its own
     */
    boolean fresh() default false;
}
