package io.sagaz.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network between a client and a server or pooler, which can be broken: connections are cut at any moment, or after a
 * request has arrived and before its answer comes back, new ones are refused, and everything stands still or comes slowly.
 *
 * <pre>{@code
 * try (TcpProxy network = TcpProxy.to(topology.rwUrl())) {
 *     String url = network.url();
 *     network.loseNextAnswer();
 * }
 * }</pre>
 *
 * <p>Cut connections are reset, as by a network that is gone. Safe for threads; closing it cuts everything.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int BUFFER = 16 * 1024;
    private static final int CONNECT_MILLIS = 5_000;

    private final String targetUrl;
    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean refusing = new AtomicBoolean();
    /** Negative: none. */
    private final AtomicInteger requestsUntilLoss = new AtomicInteger(-1);

    private final AtomicInteger cuts = new AtomicInteger();
    private final Flow flow = new Flow();

    private TcpProxy(String targetUrl, InetSocketAddress target) throws IOException {
        this.targetUrl = targetUrl;
        this.target = target;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("accept", this::accept);
    }

    /**
     * A network before the host and port of a JDBC URL.
     *
     * @param url of the form {@code jdbc:postgresql://host:port/…}
     * @throws TopologyException if no port is free
     */
    public static TcpProxy to(String url) {
        try {
            return new TcpProxy(url, address(url));
        } catch (IOException e) {
            throw new TopologyException("Cannot open a proxy to " + url, e);
        }
    }

    private static InetSocketAddress address(String url) {
        String authority = authority(url);
        int colon = authority.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("url must name a host and a port but is " + url);
        }
        return new InetSocketAddress(authority.substring(0, colon), Integer.parseInt(authority.substring(colon + 1)));
    }

    private static String authority(String url) {
        int begin = url.indexOf("//") + 2;
        int end = url.indexOf('/', begin);
        if (begin < 2 || end < 0) {
            throw new IllegalArgumentException("url must be of the form jdbc:postgresql://host:port/… but is " + url);
        }
        return url.substring(begin, end);
    }

    /** The URL through this network. */
    public String url() {
        return targetUrl.replace(
                "//" + authority(targetUrl) + "/",
                "//" + listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort() + "/");
    }

    /** Cuts all connections now. */
    public void cut() {
        links.forEach(Link::cut);
    }

    /** Cuts one connection now, if there is any. */
    public void cutAny() {
        links.stream().findAny().ifPresent(Link::cut);
    }

    /** Lets the next bytes from a client through, and cuts that connection instead of bringing back their answer. */
    public void loseNextAnswer() {
        loseAnswerAfter(0);
    }

    /**
     * The same after so many others, of all connections together. A driver mostly writes a request, or what it sends at once
     * while it logs in, as one piece.
     */
    public void loseAnswerAfter(int requests) {
        requestsUntilLoss.set(requests);
    }

    /** Whether an answer is still to be lost. */
    public boolean isToLoseAnswer() {
        return requestsUntilLoss.get() >= 0;
    }

    /** Resets new connections from now on, or not any more. */
    public void refuse(boolean refuse) {
        refusing.set(refuse);
    }

    /**
     * Lets nothing through from now on, in either direction, or everything again. Connections stay open, and new ones are
     * accepted: it is as if the other side had come to a stop.
     */
    public void freeze(boolean freeze) {
        flow.freeze(freeze);
    }

    /**
     * Slows everything down from now on: what is sent together, 16 KiB at most, begins to arrive so much later, and then comes
     * bit by bit. Undone by {@link #fullSpeed()}, or by another call.
     *
     * @param latency for each direction, so that a round trip takes twice as long; zero for none
     * @param bytesPerSecond of each direction of each connection, at least 1; {@link Long#MAX_VALUE} for no limit
     * @throws IllegalArgumentException if one of them is less
     */
    public void slow(Duration latency, long bytesPerSecond) {
        flow.set(new Flow.Speed(latency, bytesPerSecond));
    }

    /** Ends what {@link #slow(Duration, long)} began; what is under way arrives at once. */
    public void fullSpeed() {
        flow.set(Flow.Speed.FULL);
    }

    /**
     * Closes the direction to the server of all connections that there are (a half-close): the server is told that no request
     * will come any more, and its answers go on arriving. What clients send is lost. It lasts as long as those connections.
     */
    public void halfCloseToServer() {
        links.forEach(link -> link.requests.halfClose());
    }

    /**
     * Closes the direction to the client of all connections that there are: clients are told that no answer will come any more,
     * and their requests go on arriving. What the server sends is lost. It lasts as long as those connections.
     */
    public void halfCloseToClient() {
        links.forEach(link -> link.answers.halfClose());
    }

    /** How many connections were cut while they were in use. */
    public int cuts() {
        return cuts.get();
    }

    @Override
    public void close() {
        refuse(true);
        freeze(false);
        fullSpeed();
        try {
            listener.close();
        } catch (IOException e) {
            throw new TopologyException("Cannot close the proxy to " + targetUrl, e);
        } finally {
            cut();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (refusing.get()) {
                    reset(client);
                } else {
                    open(client);
                }
            } catch (IOException e) {
                // Closed, or a server that is not there: its client finds out by itself.
            }
        }
    }

    private void open(Socket client) throws IOException {
        Socket server = new Socket();
        try {
            server.connect(target, CONNECT_MILLIS);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            reset(client);
            reset(server);
            throw e;
        }
        Link link = new Link(client, server);
        links.add(link);
        start("requests", link.requests::pump);
        start("answers", link.answers::pump);
    }

    private static void start(String what, Runnable work) {
        Thread thread = new Thread(work, "sagaz-tcp-proxy-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is left to be done for it.
        }
    }

    /** One connection through the proxy. */
    private final class Link {
        private final Socket client;
        private final Socket server;
        private final Direction requests;
        private final Direction answers;
        private final AtomicBoolean open = new AtomicBoolean(true);
        private final AtomicBoolean answerIsLost = new AtomicBoolean();

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
            requests = new Direction(client, server, this::letRequestPass);
            answers = new Direction(server, client, () -> !answerIsLost.get());
        }

        private boolean letRequestPass() {
            if (requestsUntilLoss.getAndUpdate(n -> Math.max(-1, n - 1)) == 0) {
                answerIsLost.set(true);
            }
            return true;
        }

        /** One of the two directions of a connection. */
        private final class Direction {
            private final Socket from;
            private final Socket to;
            private final Passage passage;
            private volatile boolean halfClosed;

            Direction(Socket from, Socket to, Passage passage) {
                this.from = from;
                this.to = to;
                this.passage = passage;
            }

            void pump() {
                byte[] buffer = new byte[BUFFER];
                try {
                    InputStream in = from.getInputStream();
                    int read = in.read(buffer);
                    while (read >= 0 && passage.mayPass()) {
                        flow.awaitArrival();
                        write(buffer, read);
                        read = in.read(buffer);
                    }
                } catch (IOException e) {
                    // One side is gone, and so is the other in a moment.
                }
                close();
            }

            private void write(byte[] buffer, int length) throws IOException {
                try {
                    OutputStream out = to.getOutputStream();
                    for (int passed = 0; passed < length && !halfClosed; ) {
                        int piece = flow.piece(length - passed);
                        out.write(buffer, passed, piece);
                        passed += piece;
                        flow.awaitPassage(piece);
                    }
                } catch (IOException e) {
                    if (!halfClosed) {
                        throw e;
                    }
                }
            }

            void halfClose() {
                halfClosed = true;
                try {
                    to.shutdownOutput();
                } catch (IOException e) {
                    // It is closed as a whole.
                }
            }
        }

        private void close() {
            if (open.compareAndSet(true, false)) {
                if (answerIsLost.get()) {
                    cuts.incrementAndGet();
                }
                reset(client);
                reset(server);
                links.remove(this);
            }
        }

        void cut() {
            if (open.get()) {
                cuts.incrementAndGet();
                close();
            }
        }
    }

    private interface Passage {
        boolean mayPass();
    }
}
