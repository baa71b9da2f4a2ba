package io.sagaz.storage.postgres.internal.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PoolingProbeTest {
    @Test
    void twoReplicasMayHaveBackendsOfTheSameNumber() throws SQLException {
        assertThat(PoolingProbe.sharesBackends(session(117, "1764343.25"), session(117, "1764344.5")))
                .isFalse();
    }

    @Test
    void oneBackendForTwoClientsIsThatOfATransactionPooler() throws SQLException {
        assertThat(PoolingProbe.sharesBackends(session(117, "1764343.25"), session(117, "1764343.25")))
                .isTrue();
    }

    /** A session whose backend has this number, at a server that was started then. */
    private static Connection session(int pid, String started) {
        return answering(Connection.class, (method, sql) -> {
            boolean asksForTheServer = sql.contains("pg_postmaster_start_time()");
            String answer = asksForTheServer ? pid + " of " + started : Integer.toString(pid);
            ResultSet row = answering(ResultSet.class, (read, column) -> read.equals("next") ? true : answer);
            return answering(PreparedStatement.class, (run, nothing) -> row);
        });
    }

    /** What a method, given the first of its arguments as text, answers. */
    @FunctionalInterface
    private interface Answer {
        Object to(String method, String argument);
    }

    private static <T> T answering(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getReturnType() == void.class) {
                        return null;
                    }
                    return answer.to(method.getName(), arguments == null ? "" : String.valueOf(arguments[0]));
                }));
    }
}
