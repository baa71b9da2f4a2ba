/** Measures parts of the router that nobody else may call: in the package of what it measures, nothing is made public for it. */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.route;
