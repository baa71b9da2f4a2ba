package io.sagaz.outbox;

import io.sagaz.storage.CrashPoints;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An instance of a relay in a process of its own, which a test kills or has stand still. */
final class RelayProcess implements AutoCloseable {
    private final Process process;
    private final List<String> said = new ArrayList<>();

    private RelayProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "relay-output");
        reader.setDaemon(true);
        reader.start();
    }

    static RelayProcess start(RelayStand stand, LedgerServer ledger, int batch) throws IOException {
        return start(stand, ledger, batch, List.of());
    }

    /** One that is killed when it comes to a boundary so many times. */
    static RelayProcess startDoomed(RelayStand stand, LedgerServer ledger, int batch, CrashPoints.Point at, int time)
            throws IOException {
        return start(stand, ledger, batch, List.of(at.name(), Integer.toString(time)));
    }

    private static RelayProcess start(RelayStand stand, LedgerServer ledger, int batch, List<String> doom)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RelayMain.class.getName(),
                stand.topology().rwUrl(),
                stand.topology().app().user(),
                stand.schema(),
                Integer.toString(ledger.port()),
                Integer.toString(batch)));
        command.addAll(doom);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SAGAZ_PASSWORD", stand.topology().app().password());
        return new RelayProcess(builder.redirectErrorStream(true).start());
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (said) {
                    said.add(line);
                }
                if (line.contains("ERROR") || line.contains("Exception in")) {
                    System.out.println("relay: " + line);
                }
            }
        } catch (IOException e) {
            // It was killed.
            return;
        }
    }

    /** Whether it has said something with this in it. */
    boolean hasSaid(String words) {
        synchronized (said) {
            return said.stream().anyMatch(line -> line.contains(words));
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it has ended by itself. */
    int exitStatus() throws InterruptedException {
        return process.waitFor();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Has the process stand still, as under a long pause of its collector, or go on. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
