/** Where a running deployment is, and who asks it: options, the environment, a file. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.connect;
