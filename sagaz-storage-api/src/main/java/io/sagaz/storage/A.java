package io.sagaz.storage;

/** A. */
public final class A {
    private A() {}
}
