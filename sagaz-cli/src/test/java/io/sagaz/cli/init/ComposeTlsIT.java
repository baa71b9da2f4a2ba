package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A deployment in which everything is encrypted. */
class ComposeTlsIT {
    @TempDir
    private static Path empty;

    private static ComposeStack stack;
    private static Deployed ways;

    @BeforeAll
    static void bringUp() throws Exception {
        stack = ComposeStack.in(empty, "--tls", "on");
        Engine.Outcome made = Engine.run(stack.folder(), "sh", "tls/make.sh", "db.example.org");
        assertThat(made.status()).as(made.words()).isZero();
        stack.compose("up", "-d", "--wait");
        ways = Deployed.in(stack.folder());
    }

    @AfterAll
    static void takeDown() {
        if (stack != null) {
            stack.close();
        }
    }

    private static String answer(String url, Deployed.Login login, String sql) {
        try (Connection connection = DriverManager.getConnection(url, login.user(), login.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String plain(String url) {
        return url.replaceFirst("\\?.*", "?sslmode=disable");
    }

    @Test
    void everyWayInIsEncryptedAndNoOtherIsOpen() {
        String encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

        assertThat(answer(ways.rw(), ways.app(), encrypted)).isEqualTo("t");
        assertThat(answer(ways.ro(), ways.reader(), encrypted)).isEqualTo("t");
        assertThat(answer(ways.primary(), ways.owner(), encrypted)).isEqualTo("t");
        assertThat(answer(plain(ways.primary()), ways.owner(), "SELECT 1")).contains("no encryption");
        assertThat(answer(plain(ways.rw()), ways.app(), "SELECT 1")).contains("SSL required");
        assertThat(answer(plain(ways.ro()), ways.reader(), "SELECT 1")).contains("SSL required");
    }

    @Test
    void soIsReplication() {
        assertThat(stack.sql(
                        "postgres-primary",
                        "SELECT bool_and(s.ssl) FROM pg_stat_replication r"
                                + " JOIN pg_stat_ssl s USING (pid) WHERE r.state = 'streaming'"))
                .isEqualTo("t");
    }

    @Test
    void keysAreForTheirOwnerAloneAndAreNotMadeAnewByChance() throws Exception {
        Path tls = stack.folder().resolve("tls");
        String key = Files.readString(tls.resolve("server.key"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tls)))
                .isEqualTo("rwx------");
        assertThat(Engine.run(stack.folder(), "sh", "tls/make.sh").status()).isEqualTo(1);
        assertThat(Files.readString(tls.resolve("server.key"))).isEqualTo(key);
        assertThat(Engine.run(stack.folder(), "openssl", "x509", "-in", "tls/server.crt", "-noout", "-text")
                        .words())
                .contains("DNS:localhost", "DNS:postgres-replica", "DNS:pgbouncer-rw", "DNS:db.example.org");
    }
}
