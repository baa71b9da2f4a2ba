package io.sagaz.cli.demo;

/** The run was ended from outside before it was over. */
public final class DemoStoppedException extends Exception {
    private static final long serialVersionUID = 1L;

    DemoStoppedException() {
        super("stopped by a signal");
    }
}
