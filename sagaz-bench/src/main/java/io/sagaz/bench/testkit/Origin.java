package io.sagaz.bench.testkit;

import java.util.ArrayList;
import java.util.List;

/** Where programs come from, as the testkit is told. */
enum Origin {
    /** This machine. */
    INSTALLED("installed", ""),
    /** The oldest of Maven Central. */
    MAVEN_14("maven", "14"),
    /** The newest of Maven Central. */
    MAVEN_18("maven", "18"),
    /** Images. */
    CONTAINERS("containers", "");

    private final String source;
    private final String postgres;

    Origin(String source, String postgres) {
        this.source = source;
        this.postgres = postgres;
    }

    /** As it is called in results. */
    String title() {
        return postgres.isEmpty() ? source : source + " " + postgres;
    }

    /** Whether they can be fetched, which makes a first start another thing than a second one. */
    boolean isFetched() {
        return source.equals("maven");
    }

    /** What tells the testkit so. */
    List<String> properties() {
        List<String> properties = new ArrayList<>(List.of("-Dsagaz.testkit.source=" + source));
        if (!postgres.isEmpty()) {
            properties.add("-Dsagaz.testkit.postgres=" + postgres);
        }
        return properties;
    }
}
