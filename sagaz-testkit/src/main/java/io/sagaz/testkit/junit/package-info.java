/**
 * The topology in JUnit Jupiter: {@link io.sagaz.testkit.junit.SagazTopology} on a test class, and parameters of type {@link
 * io.sagaz.testkit.Topology}, {@link io.sagaz.testkit.TestDatabase} and {@link io.sagaz.testkit.Faults}. Needs {@code
 * org.junit.jupiter:junit-jupiter-api}, which this library does not bring along.
 */
@NullMarked
package io.sagaz.testkit.junit;

import org.jspecify.annotations.NullMarked;
