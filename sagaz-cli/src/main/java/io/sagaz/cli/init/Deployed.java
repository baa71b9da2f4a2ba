package io.sagaz.cli.init;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The ways into a deployment that {@code sagaz init} has made, as its {@code .env} tells. Immutable; its text has no password.
 *
 * @param rw URL through PgBouncer-RW
 * @param ro URL through PgBouncer-RO
 * @param primary URL of the primary
 * @param replicas URLs of the replicas
 * @param owner owns the tables
 * @param app what services log in as
 * @param reader what dashboards log in as
 */
public record Deployed(
        String rw, String ro, String primary, List<String> replicas, Login owner, Login app, Login reader) {

    /**
     * A role and its password.
     *
     * @param user the role
     * @param password left out of the text
     */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    /** Copies the list. */
    public Deployed {
        replicas = List.copyOf(replicas);
    }

    /**
     * Reads the {@code .env} of a folder.
     *
     * @throws IOException if there is none
     */
    public static Deployed in(Path folder) throws IOException {
        EnvFile env = EnvFile.of(new Folder(folder)
                .read(".env")
                .orElseThrow(() -> new IOException("There is no .env in " + folder
                        + ": make a deployment there first, with sagaz init --with-ha")));
        Stack stack = Stack.of(Map.of(), env, () -> {
            throw new IllegalArgumentException("A password is missing in .env of " + folder);
        });
        return of(stack, folder.toAbsolutePath());
    }

    static Deployed of(Stack stack, Path folder) {
        String tls = stack.tls() ? tls(folder.resolve("tls/ca.crt").toString()) : "";
        return new Deployed(
                url(stack.value(Setting.RW_PORT), "prepareThreshold=0" + (tls.isEmpty() ? "" : "&" + tls)),
                url(stack.value(Setting.RO_PORT), tls),
                url(stack.value(stack.primary().portVariable()), tls),
                stack.replicas().stream()
                        .map(replica -> url(stack.value(replica.portVariable()), tls))
                        .toList(),
                login(stack, "sagaz_owner", Secret.OWNER),
                login(stack, "sagaz_app", Secret.APP),
                login(stack, "sagaz_reader", Secret.READER));
    }

    /** The parameters of a URL by which a client insists on a server that this authority vouches for. */
    static String tls(String authority) {
        return "sslmode=verify-full&sslrootcert=" + authority;
    }

    private static Login login(Stack stack, String user, Secret secret) {
        return new Login(user, stack.value(secret.variable()));
    }

    private static String url(String port, String parameters) {
        return "jdbc:postgresql://localhost:" + port + "/sagaz" + (parameters.isEmpty() ? "" : "?" + parameters);
    }
}
