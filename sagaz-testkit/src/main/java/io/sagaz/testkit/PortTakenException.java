package io.sagaz.testkit;

/** A server lost the race for its port; with another one it may start. */
final class PortTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final TopologyException failure;

    private PortTakenException(TopologyException failure) {
        super(failure);
        this.failure = failure;
    }

    static RuntimeException orElse(Child child, TopologyException failure) {
        return child.foundItsPortInUse() ? new PortTakenException(failure) : failure;
    }

    TopologyException failure() {
        return failure;
    }
}
