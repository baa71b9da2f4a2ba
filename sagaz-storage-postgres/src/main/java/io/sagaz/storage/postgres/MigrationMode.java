package io.sagaz.storage.postgres;

/** What a store does about the schema when it starts. */
public enum MigrationMode {
    /** Bring the schema up to date and make the partitions that are needed; of many instances, one does it. */
    APPLY,
    /** Change nothing, and refuse to start if the schema is not up to date. */
    CHECK
}
