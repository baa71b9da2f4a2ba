package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StackTest {
    @Test
    void anOptionGoesBeforeWhatIsThereAndThatBeforeTheDefault() {
        Stack stack = Stacks.on("SAGAZ_RW_PORT=7000\nSAGAZ_RO_PORT=7001\n", Setting.RO_PORT, 7002);

        assertThat(stack.value(Setting.RW_PORT)).isEqualTo("7000");
        assertThat(stack.value(Setting.RO_PORT)).isEqualTo("7002");
        assertThat(stack.value(Setting.PRIMARY_PORT)).isEqualTo("5432");
    }

    @Test
    void passwordsThatAreThereAreKept() {
        Stack stack = Stacks.on("SAGAZ_APP_PASSWORD=kept\n");

        assertThat(stack.value("SAGAZ_APP_PASSWORD")).isEqualTo("kept");
        assertThat(stack.value("SAGAZ_READER_PASSWORD")).startsWith("madeUp");
    }

    @Test
    void noTwoPasswordsAreTheSameAndNoneIsShort() {
        Set<String> passwords = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            passwords.add(Secret.random());
        }

        assertThat(passwords).hasSize(1_000).allMatch(password -> password.matches("[A-Za-z0-9]{32}"));
    }

    @Test
    void itsTextHasNoPassword() {
        assertThat(Stacks.with().toString()).doesNotContain("madeUp");
    }

    @Test
    void furtherReplicasFollowTheFirst() {
        Stack stack = Stacks.with(Setting.REPLICAS, 3, Setting.REPLICA_PORT, 7100);

        assertThat(stack.replicas())
                .extracting(Stack.Server::name)
                .containsExactly("postgres-replica", "postgres-replica-2", "postgres-replica-3");
        assertThat(stack.value("SAGAZ_REPLICA_2_PORT")).isEqualTo("7101");
        assertThat(stack.value("SAGAZ_REPLICA_3_PORT")).isEqualTo("7102");
    }

    @Test
    void afterAFailoverTheFormerPrimaryFollows() {
        Stack stack = Stacks.with(Setting.PRIMARY, "postgres-replica");

        assertThat(stack.primary().name()).isEqualTo("postgres-replica");
        assertThat(stack.replicas()).extracting(Stack.Server::name).containsExactly("postgres-primary");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "REPLICAS       | 0         | --replicas (SAGAZ_REPLICAS) must be from 1 to 16, but is 0",
                "REPLICAS       | two       | must be from 1 to 16, but is two",
                "PRIMARY        | db        | must be one of [postgres-primary, postgres-replica], but is db",
                "RW_PORT        | 70000     | SAGAZ_RW_PORT must be from 1 to 65535, but is 70000",
                "RW_PORT        | 6433      | must not both be 6433",
                "PROJECT        | My Shop   | --project (COMPOSE_PROJECT_NAME) must be lower-case letters",
                "POSTGRES_IMAGE | a; rm b   | --postgres-image (SAGAZ_POSTGRES_IMAGE) must be the name of an image",
                "SHARED_BUFFERS | much      | --shared-buffers (SAGAZ_SHARED_BUFFERS) must be a number and kB, MB or"
                        + " GB",
                "SLOT_WAL       | -1        | --slot-wal (SAGAZ_SLOT_WAL) must be a number and kB, MB or GB",
                "RW_POOL        | 500       | Raise it to 584",
            })
    void badValuesAreNamedWithWhatIsWanted(Setting setting, String value, String message) {
        assertThatThrownBy(() -> Stacks.with(setting, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void noSecretHasADefaultAndEachHasAVariableOfItsOwn() {
        assertThat(Stream.of(Secret.values()).map(Secret::variable)).doesNotHaveDuplicates();
        assertThat(Stream.of(Setting.values()).map(Setting::variable)).noneMatch(name -> name.contains("PASSWORD"));
    }
}
