/** The command line of Sagaz: {@code ./sagaz demo} and {@code ./sagaz up}. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli;
