package io.sagaz.testkit;

import java.util.concurrent.CountDownLatch;

/** A JVM with a topology, to be killed. Prints progress, and READY at the end. */
final class TopologyMain {
    private TopologyMain() {}

    public static void main(String[] args) throws InterruptedException {
        try (Topology topology =
                Topology.builder().replicas(1).progress(System.out::println).start()) {
            System.out.println("READY " + topology.directory());
            new CountDownLatch(1).await();
        }
    }
}
