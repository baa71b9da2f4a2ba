package io.sagaz.bench;

import io.sagaz.bench.report.Section;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** What {@code ./bench NAME} runs. To add one, implement this and name it in {@link Benchmarks}. */
public interface Benchmark {
    /** What is typed, and what its files in {@code docs/benchmarks} are called: lower-case letters. */
    String name();

    /** What it is about, in a line. */
    String title();

    /**
     * What holds for all of its measurements: data, settings of the servers, what a number stands for. A paragraph each.
     *
     * @param quick as in {@link #run}
     */
    List<String> circumstances(boolean quick);

    /** How many replicas it wants. */
    default int replicas() {
        return 1;
    }

    /** Whether its replicas have the primary keep what their readers need ({@code hot_standby_feedback}). */
    default boolean replicasGiveFeedback() {
        return false;
    }

    /** How much room on disk it takes, roughly; less than that, and it is not begun. */
    long diskBytes(boolean quick);

    /**
     * Measures, on a topology that is its own.
     *
     * @param stage where, and whom to tell how far it is
     * @param quick whether it shall only show that everything works, in a minute or two
     * @return what it found
     * @throws SQLException as the database says; nothing is worth a second try
     * @throws IOException if a program or file that it needs is not there or fails
     */
    List<Section> run(Stage stage, boolean quick) throws SQLException, IOException, InterruptedException;
}
