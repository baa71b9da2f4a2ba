package io.sagaz.storage;

/** The kind of server that answered a read. */
public enum ReadSource {
    /** A streaming replica. */
    REPLICA,
    /** The primary. */
    PRIMARY
}
