package io.sagaz.migrations;

/** A. */
public final class A {
    private A() {}
}
