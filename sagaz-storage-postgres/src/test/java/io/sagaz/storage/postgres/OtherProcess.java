package io.sagaz.storage.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Services in processes of their own, with the class path of this one. */
final class OtherProcess {
    private OtherProcess() {}

    /**
     * Starts the main method of a class; whoever starts it ends it. Passwords are in its environment, as {@code
     * SAGAZ_PASSWORD} and {@code SAGAZ_READER_PASSWORD}.
     */
    static Process start(Class<?> main, String password, String readerPassword, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SAGAZ_PASSWORD", password);
        builder.environment().put("SAGAZ_READER_PASSWORD", readerPassword);
        return builder.redirectErrorStream(true).start();
    }

    /** Waits for the line that begins with a word; fails with all that was said if there is none. */
    static String said(String word, BufferedReader output) throws IOException {
        List<String> said = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(word)) {
                return line;
            }
            said.add(line);
        }
        throw new AssertionError("A service ended before it said " + word + ": " + String.join("\n", said));
    }
}
