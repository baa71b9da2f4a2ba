package io.sagaz.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * A port of a topology whose first one was chosen. Immutable.
 *
 * @param host the address
 * @param port the number
 * @param who who is to listen there, for people
 */
record FixedPort(String host, int port, String who) {
    static final int WRITES = 0;
    static final int READS = 1;
    static final int PRIMARY = 2;
    static final int FIRST_REPLICA = 3;

    /** All ports of a topology in their order, or none if they are to be free ones. */
    static List<FixedPort> of(int portBase, int replicas, Plan.ReplicaAccess access) {
        List<FixedPort> ports = new ArrayList<>();
        if (portBase == 0) {
            return ports;
        }
        ports.add(new FixedPort(Pooler.HOST, portBase + WRITES, Pooler.Kind.WRITES.title()));
        ports.add(new FixedPort(Pooler.HOST, portBase + READS, Pooler.Kind.READS.title()));
        ports.add(new FixedPort("127.0.0.1", portBase + PRIMARY, "the primary"));
        for (int i = 0; i < replicas; i++) {
            int offset = access == Plan.ReplicaAccess.ADDRESSES ? 0 : i;
            ports.add(
                    new FixedPort(access.host(i, replicas), portBase + FIRST_REPLICA + offset, Cluster.replicaName(i)));
        }
        return ports;
    }

    /** Whether somebody listens there at this moment. */
    boolean isTaken() {
        return !Ports.isFree(host, port);
    }
}
