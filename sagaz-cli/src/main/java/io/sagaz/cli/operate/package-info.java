/** Commands about a running deployment. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.operate;
