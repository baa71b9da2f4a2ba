package io.sagaz.cli.init;

/**
 * A file that a deployment is to have.
 *
 * @param path relative to its folder, with slashes
 * @param text what is in it
 * @param kind how it is kept
 */
record PlannedFile(String path, String text, Kind kind) {
    /** How a file is kept. */
    enum Kind {
        /** Everybody may read it. */
        OPEN,
        /** Nobody else may read it. */
        SECRET,
        /** Made when there is none; one that is there belongs to others. */
        ONCE
    }

    static PlannedFile open(String path, String text) {
        return new PlannedFile(path, text, Kind.OPEN);
    }

    static PlannedFile secret(String path, String text) {
        return new PlannedFile(path, text, Kind.SECRET);
    }

    static PlannedFile once(String path, String text) {
        return new PlannedFile(path, text, Kind.ONCE);
    }

    boolean secret() {
        return kind == Kind.SECRET;
    }

    @Override
    public String toString() {
        return path;
    }
}
