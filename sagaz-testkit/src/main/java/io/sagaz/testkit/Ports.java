package io.sagaz.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Chooses ports. A free port is only a guess until a server has bound it, so whoever starts a server tries again with
 * another port when it lost that race.
 *
 * <p>Ports come from below the range that the kernel hands to outgoing connections. Inside of that range the port of a
 * stopped server can be taken by any client, or a client that retries can even connect to itself.
 */
final class Ports {
    private static final int LOWEST = 10_240;
    private static final int TRIES = 500;

    private Ports() {}

    /** A port on which nobody listens at any of the addresses, at this moment. */
    static int free(List<String> hosts) {
        int end = firstEphemeral();
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, end);
            if (hosts.stream().allMatch(host -> isFree(host, port))) {
                return port;
            }
        }
        throw new TopologyException(
                "No free port found between " + LOWEST + " and " + end + " on " + String.join(", ", hosts));
    }

    static boolean isFree(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether this machine answers on all of 127/8 without further configuration, as Linux does. */
    static boolean canBind(String host) {
        return isFree(host, 0);
    }

    private static int firstEphemeral() {
        int assumed = 32_768;
        try {
            String range = Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"));
            int first = Integer.parseInt(range.strip().split("\\s+", -1)[0]);
            return first > LOWEST + 1_000 ? first : assumed;
        } catch (IOException | NumberFormatException e) {
            return assumed;
        }
    }
}
