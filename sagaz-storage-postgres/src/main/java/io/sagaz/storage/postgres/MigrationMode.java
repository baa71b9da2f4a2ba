package io.sagaz.storage.postgres;

/** What a store does about the schema when it starts. */
public enum MigrationMode {
    /**
     * Bring the schema up to date, make the partitions that are needed, and grant the roles of the write and the read pool
     * what they lack; of many instances, one does it.
     */
    APPLY,
    /** Change nothing, and refuse to start if the schema is not up to date or a role lacks rights. */
    CHECK,
    /** Do not even look. For services whose schema is checked elsewhere, before they start. */
    OFF
}
