package io.sagaz.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The versions of what is compared with, as the build has them. Immutable. */
public final class PeerVersions {
    private static final String FILE = "peers.properties";

    private final Properties versions = new Properties();

    /** Reads them from the jar. */
    public PeerVersions() {
        try (InputStream file = PeerVersions.class.getResourceAsStream(FILE)) {
            if (file == null) {
                throw new IllegalStateException("There is no " + FILE + " in the jar");
            }
            versions.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + FILE, e);
        }
    }

    /** The version of one of them. */
    public String of(String peer) {
        String version = versions.getProperty(peer);
        if (version == null) {
            throw new IllegalArgumentException("No version of " + peer);
        }
        return version;
    }
}
