package io.sagaz.cli.init;

/**
 * A file that a deployment is to have.
 *
 * @param path relative to its folder, with slashes
 * @param text what is in it
 * @param secret whether nobody else may read it
 */
record PlannedFile(String path, String text, boolean secret) {
    static PlannedFile open(String path, String text) {
        return new PlannedFile(path, text, false);
    }

    static PlannedFile secret(String path, String text) {
        return new PlannedFile(path, text, true);
    }

    @Override
    public String toString() {
        return path;
    }
}
