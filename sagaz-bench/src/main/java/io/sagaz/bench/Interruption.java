package io.sagaz.bench;

/** Knows whether Ctrl-C or SIGTERM ends the JVM: what fails from then on fails because its servers are taken down. */
final class Interruption {
    private volatile boolean requested;

    /** Listens from now on. */
    static Interruption listen() {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> interruption.requested = true, "sagaz-interruption"));
        return interruption;
    }

    boolean isRequested() {
        return requested;
    }
}
