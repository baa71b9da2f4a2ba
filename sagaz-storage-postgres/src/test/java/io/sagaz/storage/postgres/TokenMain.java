package io.sagaz.storage.postgres;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Two services that know each other by text alone. The writer starts a saga, takes a token, and hands both on; the reader reads
 * with the token, and answers whether it has found the saga, and where. The writer waits for that before it goes on, so that
 * each read comes at once after its write.
 */
final class TokenMain {
    private TokenMain() {}

    /** {@code reader connections schema writeUrl writeUser readUrl readUser}, or with {@code port reads} at the end for a writer. */
    public static void main(String[] arguments) throws Exception {
        int connections = Integer.parseInt(arguments[1]);
        RoutingSagaStore.Builder builder = RoutingSagaStore.builder()
                .write(PoolConfig.of(arguments[3], arguments[4], System.getenv("SAGAZ_PASSWORD")))
                .schema(arguments[2])
                .migrations(MigrationMode.CHECK);
        if (arguments[0].equals("reader")) {
            builder.read(PoolConfig.of(arguments[5], arguments[6], System.getenv("SAGAZ_READER_PASSWORD")));
            try (RoutingSagaStore store = builder.build()) {
                read(store, connections);
            }
        } else {
            try (RoutingSagaStore store = builder.build()) {
                write(store, connections, Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]));
            }
        }
    }

    private static void read(RoutingSagaStore store, int connections) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, connections, InetAddress.getLoopbackAddress())) {
            System.out.println("PORT " + listener.getLocalPort());
            List<Callable<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                readers.add(() -> {
                    try (Socket socket = listener.accept()) {
                        return answer(store, socket);
                    }
                });
            }
            Together.run(readers);
        }
    }

    private static int answer(RoutingSagaStore store, Socket socket) throws IOException {
        int answers = 0;
        BufferedReader in = in(socket);
        PrintWriter out = out(socket);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] tokenAndSaga = line.split(" ", 2);
            ReadResult<Optional<Saga>> read = store.reads(ReadConsistency.atLeast(CausalToken.parse(tokenAndSaga[0])))
                    .find(SagaId.parse(tokenAndSaga[1]));
            out.println((read.value().isPresent() ? "SEEN " : "MISSED ")
                    + read.receipt().source());
            answers++;
        }
        return answers;
    }

    private static void write(RoutingSagaStore store, int connections, int port, int reads) throws Exception {
        List<int[]> counts = Together.run(connections, () -> {
            int[] count = new int[3];
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                BufferedReader in = in(socket);
                PrintWriter out = out(socket);
                for (int i = 0; i < reads / connections; i++) {
                    SagaId id = started(store, i % 8 == 0);
                    out.println(store.causalToken() + " " + id);
                    String answer = String.valueOf(in.readLine());
                    count[0]++;
                    count[1] += answer.startsWith("SEEN ") ? 0 : 1;
                    count[2] += answer.endsWith("REPLICA") ? 1 : 0;
                }
            }
            return count;
        });
        int[] sum = new int[3];
        for (int[] count : counts) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += count[i];
            }
        }
        System.out.println("READS " + sum[0] + " " + sum[1] + " " + sum[2]);
    }

    /** Now and then one whose commit is acknowledged before it is on disk. */
    private static SagaId started(RoutingSagaStore store, boolean asynchronously) throws Exception {
        NewSaga saga = NewSaga.named("token");
        if (!asynchronously) {
            return store.start(saga).id();
        }
        return store.inTransaction(tx -> {
            try (PreparedStatement off = tx.connection().prepareStatement("SET LOCAL synchronous_commit = off")) {
                off.execute();
            }
            return tx.start(saga).id();
        });
    }

    private static BufferedReader in(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static PrintWriter out(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        return new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
    }
}
