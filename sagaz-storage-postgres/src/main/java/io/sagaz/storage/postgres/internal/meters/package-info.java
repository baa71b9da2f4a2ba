/** The meters of the store; nothing else knows the metrics library. */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.postgres.internal.meters;
