/**
 * The demonstration: an order service that writes as fast as it can, a dashboard that reads beside it, a replica that
 * falls behind on purpose, and books that are checked at the end.
 *
 * <p>What is decided ({@link io.sagaz.cli.demo.OrderState}, {@link io.sagaz.cli.demo.Ledger},
 * {@link io.sagaz.cli.demo.Books}, {@link io.sagaz.cli.demo.Screen}) knows no database and no terminal.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.demo;
