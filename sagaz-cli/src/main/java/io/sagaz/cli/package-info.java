/** Placeholder. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli;
