package io.sagaz.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TcpProxyTest {
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private ServerSocket server;
    private TcpProxy network;

    /** A server that answers what it gets with the same, and that says "bye" when nothing more will come. */
    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "echo");
        thread.setDaemon(true);
        thread.start();
        network = TcpProxy.to("jdbc:postgresql://127.0.0.1:" + server.getLocalPort() + "/db?a=b");
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> echo(socket), "echo");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                // Closed: the test is over.
            }
        }
    }

    private void echo(Socket socket) {
        byte[] buffer = new byte[100];
        try (socket) {
            int read = socket.getInputStream().read(buffer);
            while (read >= 0) {
                received.add(new String(buffer, 0, read, StandardCharsets.US_ASCII));
                socket.getOutputStream().write(buffer, 0, read);
                read = socket.getInputStream().read(buffer);
            }
            socket.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // Cut.
        }
    }

    @AfterEach
    void close() throws IOException {
        network.close();
        server.close();
    }

    @Test
    void whatIsSentArrivesAndIsAnswered() throws IOException {
        assertThat(network.url()).endsWith("/db?a=b").doesNotContain(":" + server.getLocalPort() + "/");
        try (Socket client = connect()) {
            assertThat(ask(client, "one")).isEqualTo("one");
            assertThat(ask(client, "two")).isEqualTo("two");
        }
        assertThat(network.cuts()).isZero();
    }

    @Test
    void aCutConnectionIsResetAndTheNextOneIsNot() throws IOException {
        try (Socket client = connect()) {
            ask(client, "one");
            network.cut();
            assertThatThrownBy(() -> ask(client, "two")).isInstanceOf(SocketException.class);
        }
        assertThat(network.cuts()).isEqualTo(1);
        try (Socket client = connect()) {
            assertThat(ask(client, "three")).isEqualTo("three");
            network.cutAny();
            assertThatThrownBy(() -> ask(client, "four")).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aRequestArrivesWhoseAnswerIsLost() throws Exception {
        try (Socket client = connect()) {
            network.loseAnswerAfter(1);
            assertThat(ask(client, "one")).isEqualTo("one");
            assertThat(network.isToLoseAnswer()).isTrue();

            assertThatThrownBy(() -> ask(client, "two")).isInstanceOf(SocketException.class);
        }
        assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("one");
        assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("two");
        assertThat(network.isToLoseAnswer()).isFalse();
        try (Socket client = connect()) {
            assertThat(ask(client, "three")).isEqualTo("three");
        }
    }

    @Test
    void whileItRefusesNobodyGetsThrough() throws IOException {
        network.refuse(true);
        assertThatThrownBy(() -> {
                    try (Socket client = connect()) {
                        ask(client, "one");
                    }
                })
                .isInstanceOf(SocketException.class);
        network.refuse(false);
        try (Socket client = connect()) {
            assertThat(ask(client, "two")).isEqualTo("two");
        }
    }

    @Test
    void whileItIsFrozenNothingArrivesAndNothingIsLost() throws Exception {
        try (Socket client = connect()) {
            ask(client, "one");
            received.take();
            network.freeze(true);
            client.setSoTimeout(200);
            assertThatThrownBy(() -> ask(client, "two")).isInstanceOf(SocketTimeoutException.class);
            assertThat(received).isEmpty();
            try (Socket other = connect()) {
                other.setSoTimeout(200);
                assertThatThrownBy(() -> ask(other, "three")).isInstanceOf(SocketTimeoutException.class);
            }
            assertThat(received).isEmpty();

            network.freeze(false);

            client.setSoTimeout(10_000);
            assertThat(read(client, 3)).isEqualTo("two");
        }
        assertThat(network.cuts()).isZero();
    }

    @Test
    void whatIsUnderWayForLongArrivesAtFullSpeed() throws Exception {
        try (Socket client = connect()) {
            network.slow(Duration.ofHours(1), Long.MAX_VALUE);
            client.setSoTimeout(200);
            assertThatThrownBy(() -> ask(client, "one")).isInstanceOf(SocketTimeoutException.class);
            assertThat(received).isEmpty();
            client.setSoTimeout(10_000);
            network.fullSpeed();
            assertThat(read(client, 3)).isEqualTo("one");
            network.slow(Duration.ofMillis(1), Long.MAX_VALUE);
            assertThat(ask(client, "two")).isEqualTo("two");
        }
        assertThat(network.cuts()).isZero();
    }

    @Test
    void whatIsSentThroughANarrowNetworkComesBitByBit() throws Exception {
        String text = "0123456789".repeat(10);
        try (Socket client = connect()) {
            network.slow(Duration.ZERO, 1);
            client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            String first = received.take();
            assertThat(first).hasSizeLessThan(text.length());
            network.fullSpeed();
            assertThat(read(client, text.length())).isEqualTo(text);
            network.slow(Duration.ZERO, 1_000_000);
            assertThat(ask(client, "two")).isEqualTo("two");
        }
    }

    @Test
    void aSpeedThatIsNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.slow(Duration.ofMillis(-1), 1))
                .withMessage("TcpProxy.slow: latency must not be negative, but is PT-0.001S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.slow(Duration.ZERO, 0))
                .withMessage("TcpProxy.slow: bytesPerSecond must be at least 1, but is 0: freeze(true) lets nothing"
                        + " through");
    }

    @Test
    void aServerStillAnswersWhenItIsToldThatNothingMoreWillCome() throws Exception {
        try (Socket client = connect()) {
            ask(client, "one");
            assertThat(received.take()).isEqualTo("one");
            network.halfCloseToServer();
            assertThat(read(client, 3)).isEqualTo("bye");
            assertThat(received).isEmpty();
        }
        try (Socket client = connect()) {
            assertThat(ask(client, "two")).isEqualTo("two");
        }
    }

    @Test
    void requestsStillArriveWhenAClientIsToldThatNothingMoreWillCome() throws Exception {
        try (Socket client = connect()) {
            ask(client, "one");
            assertThat(received.take()).isEqualTo("one");
            network.halfCloseToClient();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.getOutputStream().write("two".getBytes(StandardCharsets.US_ASCII));
            assertThat(received.take()).isEqualTo("two");
        }
        assertThat(network.cuts()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql:db", "jdbc:postgresql://host/db", "jdbc:postgresql://host:1", ""})
    void aUrlWithoutHostAndPortIsRefused(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> TcpProxy.to(url)).withMessageContaining("url must");
    }

    private Socket connect() throws IOException {
        URI uri = URI.create(network.url().substring("jdbc:".length()));
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String read(Socket client, int bytes) throws IOException {
        return new String(client.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    private static String ask(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        byte[] answer = new byte[text.length()];
        int read = client.getInputStream().read(answer);
        if (read < 0) {
            throw new SocketException("Closed");
        }
        return new String(answer, 0, read, StandardCharsets.US_ASCII);
    }
}
