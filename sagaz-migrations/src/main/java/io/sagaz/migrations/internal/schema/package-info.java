/** Brings the schema from one version to the next: Flyway, kept away from everything that is not ours. */
@org.jspecify.annotations.NullMarked
package io.sagaz.migrations.internal.schema;
