/** What can be found out about a running deployment, and what could not. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.look;
