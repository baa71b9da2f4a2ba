package io.sagaz.cli.init;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** The folder that planned files go to. */
final class Folder {
    private static final int CONTEXT = 3;
    /** Each of its files is a password and nothing else. */
    private static final String PASSWORDS = "secrets/";

    private static final String SECRET = "rw-------";
    private static final String OPEN = "rw-r--r--";
    private static final String DIRECTORY = "rwxr-xr-x";

    private final Path path;

    Folder(Path path) {
        this.path = path;
    }

    /** What becomes of a file. */
    enum Fate {
        NEW,
        SAME,
        CHANGED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A planned file beside what is there.
     *
     * @param file the plan
     * @param before what is there; empty if nothing is
     */
    record Change(PlannedFile file, Optional<String> before) {
        Fate fate() {
            return before.map(text -> isKept(text) ? Fate.SAME : Fate.CHANGED).orElse(Fate.NEW);
        }

        private boolean isKept(String text) {
            return file.kind() == PlannedFile.Kind.ONCE || text.equals(file.text());
        }

        /** The difference as a patch, without the values of passwords; no line if there is none. */
        List<String> diff() {
            if (fate() == Fate.SAME) {
                return List.of();
            }
            List<String> old = before.map(this::lines).orElse(List.of());
            List<String> planned = lines(file.text());
            return UnifiedDiffUtils.generateUnifiedDiff(
                    before.isPresent() ? "a/" + file.path() : "/dev/null",
                    "b/" + file.path(),
                    old,
                    DiffUtils.diff(old, planned),
                    CONTEXT);
        }

        private List<String> lines(String text) {
            if (file.path().startsWith(PASSWORDS)) {
                return List.of("(hidden)");
            }
            return Secret.masked(text).lines().toList();
        }
    }

    /** The text of a file; empty if it is not there. */
    Optional<String> read(String name) throws IOException {
        Path file = path.resolve(name);
        return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    }

    /** What writing these files would change. */
    List<Change> compare(List<PlannedFile> files) throws IOException {
        List<Change> changes = new ArrayList<>();
        for (PlannedFile file : files) {
            changes.add(new Change(file, read(file.path())));
        }
        return List.copyOf(changes);
    }

    /** Writes what is new or changed, each file as a whole or not at all. */
    void write(List<Change> changes) throws IOException {
        for (Change change : changes) {
            if (change.fate() != Fate.SAME) {
                write(change.file());
            } else if (change.file().kind() != PlannedFile.Kind.ONCE) {
                allow(path.resolve(change.file().path()), change.file().secret() ? SECRET : OPEN);
            }
        }
    }

    private void write(PlannedFile file) throws IOException {
        Path target = path.resolve(file.path());
        Path directory = parent(target);
        directories(directory);
        Path draft = Files.createTempFile(directory, ".sagaz-", ".tmp");
        try {
            // Temporary files are the owner's only from the beginning.
            Files.write(draft, file.text().getBytes(StandardCharsets.UTF_8));
            allow(draft, file.secret() ? SECRET : OPEN);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Containers read these folders as users of their own, whatever the umask says. */
    private void directories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            directories(parent(directory));
            Files.createDirectory(directory);
            allow(directory, DIRECTORY);
        }
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(path.getParent(), "the root of a file system is a directory");
    }

    private static void allow(Path target, String permissions) throws IOException {
        if (target.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));
        }
    }
}
