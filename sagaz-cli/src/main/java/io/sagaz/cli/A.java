package io.sagaz.cli;

/** A. */
public final class A {
    private A() {}
}
