package io.sagaz.testkit;

/** A. */
public final class A {
    private A() {}
}
