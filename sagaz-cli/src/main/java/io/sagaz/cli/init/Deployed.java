package io.sagaz.cli.init;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The ways into a deployment that {@code sagaz init} has made, as its {@code .env} tells. Immutable; its text has no password.
 *
 * @param rw URL through PgBouncer-RW
 * @param ro URL through PgBouncer-RO
 * @param primary URL of the primary
 * @param replicas URLs of the replicas; with Patroni each leads to a server that follows now
 * @param owner owns the tables
 * @param app what services log in as
 * @param reader what dashboards log in as
 * @param failsOver whether a lost primary is replaced by itself, for which there is a while without one
 * @param folder where its files are
 */
public record Deployed(
        String rw,
        String ro,
        String primary,
        List<String> replicas,
        Login owner,
        Login app,
        Login reader,
        boolean failsOver,
        Path folder) {

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
        return of(stack, folder.toAbsolutePath().normalize());
    }

    static Deployed of(Stack stack, Path folder) {
        String tls = stack.tls() ? tls(folder.resolve("tls/ca.crt").toString()) : "";
        return new Deployed(
                url(stack.value(Setting.RW_PORT), "prepareThreshold=0" + (tls.isEmpty() ? "" : "&" + tls)),
                url(stack.value(Setting.RO_PORT), tls),
                stack.patroni()
                        ? anyOf(stack, stack.servers(), "primary")
                        : url(stack.value(stack.primary().portVariable()), tls),
                stack.patroni()
                        ? secondaries(stack)
                        : stack.replicas().stream()
                                .map(replica -> url(stack.value(replica.portVariable()), tls))
                                .toList(),
                login(stack, "sagaz_owner", Secret.OWNER),
                login(stack, "sagaz_app", Secret.APP),
                login(stack, "sagaz_reader", Secret.READER),
                stack.patroni(),
                folder);
    }

    /** How it is started, for people. */
    public String start() {
        return Files.exists(folder.resolve("compose.yaml"))
                ? "cd " + InitCommand.inShell(folder.toString()) + " && docker compose up -d --wait"
                : "see SAGAZ.md in " + folder;
    }

    /**
     * As many URLs as there are replicas, whichever server leads. The driver takes the first server of the right role, so half
     * of them look from one end and half from the other: two of them lead to two servers, more of them to two at least.
     */
    private static List<String> secondaries(Stack stack) {
        List<String> urls = new ArrayList<>();
        int replicas = stack.replicas().size();
        for (int i = 0; i < replicas; i++) {
            List<Stack.Server> order = new ArrayList<>(stack.servers());
            if (2 * i < replicas) {
                Collections.rotate(order, -i);
            } else {
                Collections.reverse(order);
                Collections.rotate(order, i + 1 - replicas);
            }
            urls.add(anyOf(stack, order, "secondary"));
        }
        return urls;
    }

    /** The first of these that has this role, which the driver asks each for. */
    private static String anyOf(Stack stack, List<Stack.Server> servers, String role) {
        String hosts = servers.stream()
                .map(server -> "localhost:" + stack.value(server.portVariable()))
                .collect(Collectors.joining(","));
        return "jdbc:postgresql://" + hosts + "/sagaz?targetServerType=" + role;
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
