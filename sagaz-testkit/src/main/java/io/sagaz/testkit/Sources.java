package io.sagaz.testkit;

/**
 * Which programs a topology runs, and where they came from. Immutable.
 *
 * @param postgresVersion version of PostgreSQL, such as {@code 15.18}
 * @param postgresOrigin {@code programs on this machine: <directory>}, {@code binaries from Maven Central <version>} or {@code
 *     image <name>}
 * @param pgbouncerVersion version of PgBouncer, such as {@code 1.18.0}
 */
public record Sources(String postgresVersion, String postgresOrigin, String pgbouncerVersion) {}
