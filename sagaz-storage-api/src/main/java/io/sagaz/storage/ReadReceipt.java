package io.sagaz.storage;

import java.time.Duration;
import java.util.Optional;

/**
 * Where an answer came from and how stale it can be.
 *
 * @param source the kind of server
 * @param server the server as the database names it, for people and logs
 * @param staleness an upper bound, not an estimate: every write acknowledged more than this long before the read was
 *     sent to the server is in it. Zero for the primary; empty if nothing could be proved, which must be read as unbounded
 * @param reason why this server
 */
public record ReadReceipt(ReadSource source, String server, Optional<Duration> staleness, RouteReason reason) {}
