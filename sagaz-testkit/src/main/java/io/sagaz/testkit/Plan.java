package io.sagaz.testkit;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What a topology shall be: the settings of its builder, checked.
 *
 * @param replicas how many
 * @param postgres major version; empty for what the machine has
 * @param hotStandbyFeedback whether replicas hold back the vacuum of the primary
 * @param durable whether it survives a crash of the operating system
 * @param primaryDisk how many mebibytes the primary's own file system has; 0 for none
 * @param portBase first port; 0 for free ones
 * @param progress is told what has been done
 * @param settings of the machine
 * @param temporary where the workspace is
 * @param access how the reading pooler gets to the replicas
 */
record Plan(
        int replicas,
        OptionalInt postgres,
        boolean hotStandbyFeedback,
        boolean durable,
        int primaryDisk,
        int portBase,
        Consumer<String> progress,
        Settings settings,
        Path temporary,
        ReplicaAccess access) {

    /** PgBouncer takes a list of hosts for a database but only one port, so replicas must differ in something else. */
    enum ReplicaAccess {
        /** Each replica has its own address in 127/8, as Linux allows, and all have the same port. */
        ADDRESSES,
        /** Each replica has its own directory with a socket in it; for systems with just one loopback address. */
        SOCKETS;

        static ReplicaAccess ofThisMachine() {
            return Ports.canBind("127.0.0.2") ? ADDRESSES : SOCKETS;
        }

        /** The address of one of so many replicas. */
        String host(int index, int replicas) {
            return "127.0.0." + (replicas > 1 && this == ADDRESSES ? index + 2 : 1);
        }
    }
}
