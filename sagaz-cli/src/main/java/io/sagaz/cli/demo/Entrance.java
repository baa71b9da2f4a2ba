package io.sagaz.cli.demo;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.cli.connect.Way;
import io.sagaz.cli.init.Deployed;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;

/** All ways into a deployment, tried before anything is done there. */
final class Entrance {
    /** Longer than a lease of Patroni and a promotion take. */
    static final Duration FAILOVER = Duration.ofSeconds(45);

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);
    private static final String SECONDS_TO_CONNECT = "5";
    private static final String SECONDS_TO_ANSWER = "10";

    private final Deployed deployed;
    private final Duration patience;

    private Entrance(Deployed deployed, Duration patience) {
        this.deployed = deployed;
        this.patience = patience;
    }

    /** Of a deployment; it is waited for only if a failover may be under way. */
    static Entrance to(Deployed deployed) {
        return waiting(deployed, deployed.failsOver() ? FAILOVER : Duration.ZERO);
    }

    /** Of a deployment that is waited for so long. */
    static Entrance waiting(Deployed deployed, Duration patience) {
        return new Entrance(deployed, patience);
    }

    /** A way that was tried in vain. */
    private record Closed(Way way, SQLException failure) {
        /** Whether waiting may help: not if the role or its password is refused. */
        boolean mayOpen() {
            return !String.valueOf(failure.getSQLState()).startsWith("28");
        }
    }

    /**
     * Blocks until each way leads to a server that takes the role.
     *
     * @param words is told if it has to wait
     * @throws CommandFailedException when its patience is over; says what does not answer, where, and how it is started
     */
    void await(Consumer<String> words) throws InterruptedException {
        long begin = System.nanoTime();
        boolean told = false;
        for (List<Closed> closed = closed(); !closed.isEmpty(); closed = closed()) {
            if (System.nanoTime() - begin >= patience.toNanos()
                    || closed.stream().noneMatch(Closed::mayOpen)) {
                throw new CommandFailedException(message(closed, told));
            }
            if (!told) {
                words.accept("Waiting for " + ways(closed) + ", for up to " + patience.toSeconds() + " s.");
                told = true;
            }
            Thread.sleep(BETWEEN_TRIES.toMillis());
        }
    }

    private List<Closed> closed() {
        List<Closed> closed = new ArrayList<>();
        attempt(closed, new Way("primary", deployed.primary()), deployed.owner());
        for (int i = 0; i < deployed.replicas().size(); i++) {
            attempt(closed, new Way("replica-" + (i + 1), deployed.replicas().get(i)), deployed.reader());
        }
        attempt(closed, new Way("PgBouncer-RW", deployed.rw()), deployed.app());
        attempt(closed, new Way("PgBouncer-RO", deployed.ro()), deployed.reader());
        return closed;
    }

    private static void attempt(List<Closed> closed, Way way, Deployed.Login login) {
        Properties properties = new Properties();
        properties.setProperty("user", login.user());
        properties.setProperty("password", login.password());
        properties.setProperty("connectTimeout", SECONDS_TO_CONNECT);
        properties.setProperty("loginTimeout", SECONDS_TO_ANSWER);
        try (Connection connection = DriverManager.getConnection(way.url(), properties)) {
            if (!connection.isValid(Integer.parseInt(SECONDS_TO_ANSWER))) {
                closed.add(new Closed(way, new SQLException("it does not answer", "08006")));
            }
        } catch (SQLException e) {
            closed.add(new Closed(way, e));
        }
    }

    private String message(List<Closed> closed, boolean waited) {
        String reason = String.valueOf(closed.get(0).failure().getMessage()).strip();
        return "The deployment in " + deployed.folder() + " takes no login at " + ways(closed)
                + (waited ? ", for " + patience.toSeconds() + " s now" : "") + ". The first says: " + reason
                + (reason.endsWith(".") ? " " : ". ")
                + (closed.stream().anyMatch(Closed::mayOpen)
                        ? "If it is not started: " + deployed.start()
                        : "The roles have other passwords than .env says.");
    }

    private static String ways(List<Closed> closed) {
        return String.join(
                ", ",
                closed.stream()
                        .map(each -> each.way().setting() + " ("
                                + each.way().shown().replaceFirst("^jdbc:postgresql://", "") + ")")
                        .toList());
    }
}
