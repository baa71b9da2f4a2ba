package io.sagaz.storage.postgres;

/** A. */
public final class A {
    private A() {}
}
