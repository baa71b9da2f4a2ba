/** Text on a terminal: what it can show, how wide it is, and how to leave it as it was. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.term;
