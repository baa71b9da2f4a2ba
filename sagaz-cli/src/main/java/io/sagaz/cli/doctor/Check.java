package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import java.util.stream.Stream;

/** Judges one thing. Pure. What is not known it passes over: {@link Unknowns} speaks of that. */
@FunctionalInterface
interface Check {
    /** What is wrong. */
    Stream<Finding> findings(Look look, Limits limits);
}
