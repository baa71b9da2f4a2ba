/** The command line of Sagaz: what starts a topology, and what looks at a running deployment. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli;
