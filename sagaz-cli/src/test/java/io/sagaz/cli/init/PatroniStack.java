package io.sagaz.cli.init;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A deployment in which Patroni promotes. */
public final class PatroniStack implements AutoCloseable {
    private static final Pattern MEMBER =
            Pattern.compile("\"Member\": \"([\\w-]+)\".*?\"Role\": \"([\\w ]+)\", \"State\": \"([\\w ]+)\"");

    private final ComposeStack stack;
    private final List<String> servers;

    private PatroniStack(ComposeStack stack, List<String> servers) {
        this.stack = stack;
        this.servers = List.copyOf(servers);
    }

    /** Brings it up, with two replicas. Skips the test, with the reason, where there are no images of it. */
    public static PatroniStack up(Path empty) throws IOException {
        Map<String, String> images = Engine.requireImages();
        for (String image : List.of("patroni", "etcd", "haproxy")) {
            assumeTrue(images.containsKey(image), "No image of " + image + " is named: see scripts/deploy-images.sh");
        }
        ComposeStack stack = ComposeStack.in(empty, "--failover", "patroni");
        PatroniStack up = new PatroniStack(stack, List.of("postgres-1", "postgres-2", "postgres-3"));
        try {
            long begin = System.nanoTime();
            stack.compose("up", "-d", "--wait");
            System.out.printf("All healthy after %.1f s%n", (System.nanoTime() - begin) / 1e9);
        } catch (AssertionError e) {
            System.out.println(stack.compose("logs", "--tail", "60"));
            stack.close();
            throw e;
        }
        return up;
    }

    /** The ways in. */
    public Deployed ways() throws IOException {
        return Deployed.in(stack.folder());
    }

    /** What Patroni says each server is and does: "Leader running", "Sync Standby streaming". */
    public Map<String, String> members() {
        for (String server : servers) {
            Engine.Outcome outcome = stack.tryCompose("exec", "-T", server, "patronictl", "list", "-f", "json");
            if (outcome.status() == 0) {
                Map<String, String> members = new LinkedHashMap<>();
                Matcher matcher = MEMBER.matcher(outcome.words());
                while (matcher.find()) {
                    members.put(matcher.group(1), matcher.group(2) + " " + matcher.group(3));
                }
                return members;
            }
        }
        return Map.of();
    }

    /** The server that leads, as Patroni says; waits until one does. */
    public String leader() throws InterruptedException {
        List<String> leaders = new ArrayList<>();
        ComposeStack.await("a leader", () -> {
            members().forEach((name, what) -> {
                if (what.equals("Leader running")) {
                    leaders.add(name);
                }
            });
            return !leaders.isEmpty();
        });
        return leaders.get(0);
    }

    /** Waits until one leads, one is waited for by commits, and one more follows. */
    public void awaitWhole() throws InterruptedException {
        ComposeStack.await(
                "a leader and two replicas, one of them synchronous",
                () -> members().values().stream()
                        .sorted()
                        .toList()
                        .equals(List.of("Leader running", "Replica streaming", "Sync Standby streaming")));
    }

    /** Takes a server out of all networks. */
    public void cutOff(String server) {
        networks().forEach(network -> stack.docker(server, "network", "disconnect", network));
    }

    /** Brings it back into all networks. */
    public void reconnect(String server) {
        networks().forEach(network -> stack.docker(server, "network", "connect", "--alias", server, network));
    }

    private List<String> networks() {
        return List.of(stack.network(), stack.network().replaceFirst("default$", "dcs"));
    }

    /** All servers but this one. */
    public List<String> othersThan(String server) {
        return servers.stream().filter(other -> !other.equals(server)).toList();
    }

    /** Whether a server runs and takes writes, whatever Patroni says of it. */
    public boolean takesWrites(String server) {
        return stack.tryCompose("exec", "-T", server, "psql", "-XAtqc", "SELECT pg_is_in_recovery()", "-d", "postgres")
                .words()
                .strip()
                .equals("f");
    }

    /** Whether Patroni of this server says that it leads without etcd, because all others have agreed. */
    public boolean leadsWithoutEtcd(String server) {
        String ask =
                "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8008/patroni', timeout=5).read().decode())";
        return stack.tryCompose("exec", "-T", server, "python3", "-c", ask)
                .words()
                .contains("\"failsafe_mode_is_active\": true");
    }

    /** The deployment, for everything that is the same without Patroni. */
    public ComposeStack stack() {
        return stack;
    }

    @Override
    public void close() {
        stack.close();
    }
}
