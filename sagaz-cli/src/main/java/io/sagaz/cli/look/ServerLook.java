package io.sagaz.cli.look;

import io.sagaz.cli.connect.Way;

/**
 * What is at the end of a way to a server.
 *
 * @param name what it is to be, for people: {@code primary}, {@code replica-1}, {@code rw}, {@code ro}
 * @param way the way
 * @param state how the server there is
 */
public record ServerLook(String name, Way way, Fact<ServerState> state) {}
