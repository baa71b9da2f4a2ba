/** Commands that look at a running deployment and maintain it. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.operate;
