package io.sagaz.storage.postgres.internal.route;

import java.time.Instant;

/**
 * One life of one server: after a restart it is another, for a standby may then show an older state than before.
 *
 * @param name address and port as the server sees them, for people
 * @param startedAt when it was started, by its own clock
 */
record ServerId(String name, Instant startedAt) {}
