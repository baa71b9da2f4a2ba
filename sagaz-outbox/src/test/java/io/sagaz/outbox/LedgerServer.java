package io.sagaz.outbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A broker for relays in other processes: writes down what arrives, in its order, and acknowledges it. Safe for threads. */
final class LedgerServer implements AutoCloseable {
    private final ServerSocket server;
    private final Set<String> ids = new HashSet<>();
    private final Map<String, List<Integer>> firstArrivals = new HashMap<>();
    private int duplicates;
    private boolean holding;

    LedgerServer() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread acceptor = new Thread(this::accept, "ledger");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread reader = new Thread(() -> read(socket), "ledger-reader");
                reader.setDaemon(true);
                reader.start();
            }
        } catch (IOException e) {
            // It was closed.
            return;
        }
    }

    private void read(Socket socket) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] parts = line.split(" ", -1);
                // A line that a killed process has begun is none: each ends with a word of its own.
                if (parts.length == 4 && parts[3].equals("end")) {
                    arrived(parts[0], parts[1], Integer.parseInt(parts[2]));
                    awaitLeave();
                    socket.getOutputStream().write('.');
                }
            }
        } catch (IOException e) {
            // The relay was killed.
            return;
        }
    }

    /** Keeps its acknowledgements back, or gives them from now on. */
    synchronized void hold(boolean now) {
        holding = now;
        notifyAll();
    }

    private synchronized void awaitLeave() throws IOException {
        try {
            while (holding) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private synchronized void arrived(String id, String key, int number) {
        if (ids.add(id)) {
            firstArrivals.computeIfAbsent(key, first -> new ArrayList<>()).add(number);
        } else {
            duplicates++;
        }
    }

    synchronized int distinct() {
        return ids.size();
    }

    synchronized int duplicates() {
        return duplicates;
    }

    /** The numbers of each key in the order in which they came first. */
    synchronized Map<String, List<Integer>> firstArrivals() {
        Map<String, List<Integer>> copy = new HashMap<>();
        firstArrivals.forEach((key, numbers) -> copy.put(key, List.copyOf(numbers)));
        return copy;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
