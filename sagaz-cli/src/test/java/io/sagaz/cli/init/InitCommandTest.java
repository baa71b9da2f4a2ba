package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitCommandTest {
    @TempDir
    private Path folder;

    private record Outcome(int status, String words) {}

    private Outcome tryInit(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("--with-ha", "--dir", folder.toString(), "--sagaz-home", "/opt/sagaz-home"));
        arguments.addAll(List.of(more));
        StringWriter words = new StringWriter();
        int status = InitCommand.commandLine().setErr(new PrintWriter(words)).execute(arguments.toArray(new String[0]));
        return new Outcome(status, words.toString());
    }

    private void init(String... more) {
        assertThat(tryInit(more)).isEqualTo(new Outcome(0, ""));
    }

    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                contents.put(folder.relativize(path).toString(), Files.readString(path));
            }
        }
        return contents;
    }

    private String mode(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
    }

    @Test
    void secretsAreReadableByTheirOwnerOnlyAndTheRestByContainers() throws IOException {
        init();

        assertThat(mode(".env")).isEqualTo("rw-------");
        assertThat(mode("sagaz.env")).isEqualTo("rw-------");
        assertThat(mode("postgres/start.sh")).isEqualTo("rw-r--r--");
        assertThat(mode("postgres")).isEqualTo("rwxr-xr-x");
    }

    @Test
    void itIsTheSameWithoutSayingWithHa() throws IOException {
        init();
        Map<String, String> before = contents();
        StringWriter words = new StringWriter();

        int status = InitCommand.commandLine()
                .setErr(new PrintWriter(words))
                .execute("--dir", folder.toString(), "--sagaz-home", "/opt/sagaz-home");

        assertThat(status).as(words.toString()).isZero();
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void helpShowsEachSettingOnceUnderItsHeading() {
        String help = InitCommand.commandLine().getUsageMessage();

        assertThat(help.lines())
                .startsWith(
                        "Makes the files of a deployment: PostgreSQL with replicas behind two PgBouncers.",
                        "Usage: init [OPTIONS]");
        for (Setting.Topic topic : Setting.Topic.values()) {
            int heading = help.indexOf("\n" + topic.heading() + "\n");
            assertThat(heading).as(topic.heading()).isPositive();
            int next = help.indexOf("\n\n", heading + 2);
            String section = help.substring(heading, next < 0 ? help.length() : next);
            assertThat(section.lines()
                            .filter(line -> line.strip().startsWith("--"))
                            .map(line -> line.strip().replaceFirst("=.*", "")))
                    .containsExactlyElementsOf(Stream.of(Setting.values())
                            .filter(setting -> setting.topic() == topic)
                            .map(Setting::option)
                            .toList());
        }
        assertThat(help.lines()).allMatch(line -> line.length() <= 100);
        for (Setting setting : Setting.values()) {
            setting.standard().ifPresent(value -> assertThat(help).contains("Default: " + value + "."));
        }
    }

    @Test
    void twoDeploymentsShareNoPassword() throws IOException {
        init();
        EnvFile first = EnvFile.of(Files.readString(folder.resolve(".env")));
        Files.delete(folder.resolve(".env"));
        init("--force");
        EnvFile second = EnvFile.of(Files.readString(folder.resolve(".env")));

        for (Secret secret : Stacks.with().secrets()) {
            assertThat(first.get(secret.variable())).isPresent().isNotEqualTo(second.get(secret.variable()));
        }
    }

    @Test
    void onceMoreChangesNothing() throws IOException {
        init();
        Map<String, String> before = contents();
        init();

        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void whatDiffersIsNotOverwrittenAndNothingElseIsWritten() throws IOException {
        init();
        Files.writeString(folder.resolve("compose.yaml"), "mine\n");
        Files.delete(folder.resolve("SAGAZ.md"));
        Map<String, String> before = contents();

        Outcome outcome = tryInit();

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.words()).contains("nothing was written: compose.yaml.", "--force");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void forceOverwritesAndKeepsPasswordsPortsAndWhatPeopleAdded() throws IOException {
        init();
        Path env = folder.resolve(".env");
        Files.writeString(env, Files.readString(env).replace("SAGAZ_RW_PORT=6432", "SAGAZ_RW_PORT=7432") + "MINE=1\n");
        String password =
                EnvFile.of(Files.readString(env)).get("SAGAZ_APP_PASSWORD").orElseThrow();

        init("--replicas", "2", "--force");

        EnvFile after = EnvFile.of(Files.readString(env));
        assertThat(after.get("SAGAZ_APP_PASSWORD")).contains(password);
        assertThat(after.get("SAGAZ_RW_PORT")).contains("7432");
        assertThat(after.get("MINE")).contains("1");
        assertThat(after.get("SAGAZ_REPLICAS")).contains("2");
        assertThat(after.get("SAGAZ_REPLICA_2_PORT")).contains("5434");
        assertThat(Files.readString(folder.resolve("compose.yaml"))).contains("postgres-replica-2:");
    }

    @Test
    void whatBelongsToTheProjectAroundItIsLeftAlone() throws IOException {
        Files.writeString(folder.resolve("README.md"), "A shop\n");
        Files.writeString(folder.resolve(".gitignore"), "target/\n");
        init();
        init("--replicas", "2", "--force");

        assertThat(contents()).containsEntry("README.md", "A shop\n").containsEntry(".gitignore", "target/\n");
    }

    @Test
    void aDryRunWritesNothing() throws IOException {
        init("--dry-run");

        assertThat(contents()).isEmpty();
    }

    @Test
    void thePatchOfADryRunHasNoPasswords() {
        List<PlannedFile> files = new ArrayList<>();
        files.addAll(ComposePlan.of(Stacks.with(), EnvFile.of(""), Path.of("/srv/shop"), "sagaz init --with-ha"));
        files.addAll(SelfhostPlan.of(Stacks.with(), EnvFile.of(""), "sagaz init --with-ha --selfhost"));
        files.addAll(KubernetesPlan.of(Stacks.onKubernetes(), EnvFile.of(""), "sagaz init --with-ha --k8s"));
        for (PlannedFile file : files) {
            assertThat(String.join("\n", new Folder.Change(file, Optional.empty()).diff()))
                    .as(file.path())
                    .isNotEmpty()
                    .doesNotContain("madeUp");
        }
    }

    @Test
    void thePatchShowsWhatChanges() {
        Folder.Change change = new Folder.Change(PlannedFile.open("a.txt", "one\ntwo\n"), Optional.of("one\nthree\n"));

        assertThat(change.diff()).contains("--- a/a.txt", "+++ b/a.txt", "-three", "+two", " one");
    }

    @Test
    void overcommitWritesNothing() throws IOException {
        Outcome outcome = tryInit("--max-connections", "100");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.words()).contains("= 109. Raise it to 109");
        assertThat(contents()).isEmpty();
    }

    @Test
    void patroniIsForComposeOnly() throws IOException {
        Outcome outcome = tryInit("--selfhost", "--tls", "off", "--failover", "patroni");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.words()).contains("--failover (SAGAZ_FAILOVER) is patroni, which is for Compose only");
        assertThat(contents()).isEmpty();
    }

    @Test
    void hostsOfOnesOwnAreAskedAboutTheirNetwork() throws IOException {
        Outcome outcome = tryInit("--selfhost");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.words()).contains("say --tls on, or --tls off");
        assertThat(contents()).isEmpty();
        assertThat(tryInit("--selfhost", "--tls", "on").status()).isZero();
        assertThat(contents()).containsKeys("setup.sh", "systemd/postgres-primary.service", "tls/make.sh");
        assertThat(mode("secrets/owner")).isEqualTo("rw-------");
    }

    @Test
    void kubernetesHasAFolderOfItsOwnAndPasswordsThatStay() throws IOException {
        init();
        init("--k8s");
        Map<String, String> before = contents();
        init("--k8s");

        assertThat(before)
                .containsKeys("compose.yaml", "k8s/overlays/raw/kustomization.yaml", "k8s/postgresql-ha.yaml");
        assertThat(contents()).isEqualTo(before);
        assertThat(mode("k8s/secrets.yaml")).isEqualTo("rw-------");
        assertThat(mode("k8s/.env")).isEqualTo("rw-------");
        assertThat(EnvFile.of(before.getOrDefault("k8s/.env", "")).get("SAGAZ_PRIMARY_PORT"))
                .isEmpty();
    }

    @Test
    void kubernetesAndHostsAreTwoDeployments() throws IOException {
        Outcome outcome = tryInit("--k8s", "--selfhost");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.words()).contains("--k8s and --selfhost are two deployments");
        assertThat(contents()).isEmpty();
    }

    @Test
    void whatKubernetesRefusesIsSaidAndNothingIsWritten() throws IOException {
        Outcome outcome = tryInit("--k8s", "--tls", "on");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.words()).contains("--tls (SAGAZ_TLS) must be off for --k8s");
        assertThat(contents()).isEmpty();
    }
}
