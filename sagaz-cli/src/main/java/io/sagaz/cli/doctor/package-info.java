/** {@code sagaz doctor}: looks at a deployment, and judges what it sees. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.doctor;
