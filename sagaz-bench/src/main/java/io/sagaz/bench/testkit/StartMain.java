package io.sagaz.bench.testkit;

import io.sagaz.testkit.Topology;

/** A JVM that starts a topology, says how long that took and of which PostgreSQL it is, and closes it. */
final class StartMain {
    /** What the line begins with that says it: then nanoseconds and a version. */
    static final String MARK = "started ";

    private StartMain() {}

    public static void main(String[] arguments) {
        try (Topology topology = Topology.builder().replicas(2).start()) {
            System.out.println(MARK + topology.startedIn().toNanos() + " "
                    + topology.sources().postgresVersion());
        }
    }
}
