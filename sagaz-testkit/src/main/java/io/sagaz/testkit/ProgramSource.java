package io.sagaz.testkit;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the programs of a topology shall come from, by {@link Settings#SOURCE}. */
enum ProgramSource {
    /** Not set: this machine, or else the jars of Maven. */
    AUTOMATIC,
    /** This machine. */
    INSTALLED,
    /** The jars of Maven for PostgreSQL, this machine for PgBouncer. */
    MAVEN,
    /** Images, each program in a container of its own. */
    CONTAINERS;

    static ProgramSource of(Settings settings) {
        Optional<String> set = settings.get(Settings.SOURCE);
        return set.isEmpty()
                ? AUTOMATIC
                : Stream.of(INSTALLED, MAVEN, CONTAINERS)
                        .filter(source -> source.setting().equals(set.get()))
                        .findFirst()
                        .orElseThrow(() -> new TopologyException(Settings.SOURCE + " (or the variable "
                                + Settings.variable(Settings.SOURCE)
                                + ") must be installed, maven or containers, or not be set, but is " + set.get()));
    }

    /** How the setting names it. */
    String setting() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** For people. */
    String said() {
        return this == AUTOMATIC ? Settings.SOURCE + " is not set" : Settings.SOURCE + "=" + setting();
    }
}
