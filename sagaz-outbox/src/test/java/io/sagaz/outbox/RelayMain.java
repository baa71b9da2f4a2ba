package io.sagaz.outbox;

import io.sagaz.storage.CrashPoints;
import io.sagaz.storage.postgres.MigrationMode;
import io.sagaz.storage.postgres.PoolConfig;
import io.sagaz.storage.postgres.RoutingSagaStore;
import io.sagaz.testkit.CrashPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An instance of a relay in a process of its own, which publishes to a {@link LedgerServer}. Ends when it is killed. */
final class RelayMain {
    private RelayMain() {}

    /**
     * Arguments: write URL, user, schema, port of the ledger, batch size, and perhaps where and the how manyth time it is to be
     * killed there; the password is in the environment.
     */
    public static void main(String[] arguments) throws Exception {
        RoutingSagaStore store = RoutingSagaStore.builder()
                .write(PoolConfig.of(arguments[0], arguments[1], System.getenv("SAGAZ_PASSWORD"))
                        .maximumSize(2))
                .schema(arguments[2])
                .migrations(MigrationMode.OFF)
                .build();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[3]));
        OutboxRelay.builder(store.outboxLog())
                .publisher(new LedgerPublisher(socket))
                .batchEvents(Integer.parseInt(arguments[4]))
                .lease(Duration.ofSeconds(1))
                .crashPoints(crashPoints(arguments))
                .build()
                .start();
        System.out.println("STARTED");
    }

    private static CrashPoints crashPoints(String[] arguments) {
        return arguments.length == 5
                ? CrashPoints.NONE
                : CrashPlan.killJvm(CrashPoints.Point.valueOf(arguments[5])).onTime(Integer.parseInt(arguments[6]));
    }

    /** Sends a line for each event; lines are acknowledged in their order, a byte each. */
    private static final class LedgerPublisher implements EventPublisher {
        private final OutputStream out;
        private final Queue<CompletableFuture<Void>> unanswered = new ConcurrentLinkedQueue<>();

        LedgerPublisher(Socket socket) throws IOException {
            out = socket.getOutputStream();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            Thread reader = new Thread(() -> read(in), "answers");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(BufferedReader in) {
            try {
                while (in.read() >= 0) {
                    CompletableFuture<Void> first = unanswered.remove();
                    first.complete(null);
                }
            } catch (IOException e) {
                unanswered.forEach(answer -> answer.completeExceptionally(e));
            }
        }

        @Override
        public CompletionStage<Void> publish(OutgoingEvent outgoing) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            String line = outgoing.orderingKey() + " " + Numbers.of(outgoing) + " end\n";
            synchronized (this) {
                unanswered.add(answer);
                try {
                    out.write(line.getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                } catch (IOException e) {
                    throw new BrokerUnavailableException("the ledger is gone", e);
                }
            }
            return answer;
        }
    }
}
