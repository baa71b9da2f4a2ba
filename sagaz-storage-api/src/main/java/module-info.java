/** Values and contracts of the saga store. */
module io.sagaz.storage {
    requires static transitive org.jspecify;

    exports io.sagaz.storage;
    exports io.sagaz.storage.log;
}
