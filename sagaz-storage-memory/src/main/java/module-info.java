/** A saga store in memory, for unit tests that need no database. */
module io.sagaz.storage.memory {
    requires static transitive org.jspecify;
    requires transitive io.sagaz.storage;

    exports io.sagaz.storage.memory;
}
