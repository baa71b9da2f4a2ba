package io.sagaz.outbox;

import io.sagaz.testkit.Ledger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A broker for relays in other processes: notes in a ledger what arrives, and acknowledges it. Safe for threads. */
final class LedgerServer implements AutoCloseable {
    private final ServerSocket server;
    private final Ledger ledger;
    private boolean holding;

    LedgerServer(Ledger ledger) throws IOException {
        this.ledger = ledger;
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
                if (parts.length == 3 && parts[2].equals("end")) {
                    ledger.arrive(parts[0], Integer.parseInt(parts[1]));
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

    @Override
    public void close() throws IOException {
        server.close();
    }
}
