package io.sagaz.cli.term;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * An output stream of this process, and the terminal behind it if there is one. Safe for threads.
 *
 * <p>Java does not say how large a terminal is: {@code stty} does, which every Unix has.
 */
public final class Terminal {
    private static final String OPEN = "\u001b[?1049h\u001b[?25l\u001b[?7l";
    private static final String CLOSE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String REST_OF_LINE = "\u001b[K";
    private static final String REST_OF_SCREEN = "\u001b[J";

    private static final long SIZE_IS_KNOWN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int ASK_SECONDS = 2;

    private final PrintStream out;
    private final UnaryOperator<String> charset;
    private final boolean colours;
    private final boolean screen;
    private Size size = new Size(80, 24);
    private long askedAt = System.nanoTime() - SIZE_IS_KNOWN_NANOS;
    private boolean open;

    private record Size(int columns, int rows) {}

    private Terminal(PrintStream out, boolean isTerminal, Map<String, String> environment) {
        this.out = out;
        this.charset = Glyphs.utf8(environment) ? UnaryOperator.identity() : Glyphs::ascii;
        this.screen = isTerminal && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        this.colours = screen && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** Standard output. */
    public static Terminal standardOutput() {
        return new Terminal(stream(FileDescriptor.out), isTerminal(), System.getenv());
    }

    /** Standard error, for words beside a document on standard output; taken as no terminal. */
    public static Terminal standardError() {
        return new Terminal(stream(FileDescriptor.err), false, System.getenv());
    }

    /** A stream that is no terminal. */
    public static Terminal plain(PrintStream out, Map<String, String> environment) {
        return new Terminal(out, false, environment);
    }

    /** Whether pictures can be drawn. */
    public boolean isScreen() {
        return screen;
    }

    /** How wide it is; asked for anew now and then, as people change it. */
    public synchronized int columns() {
        return size().columns();
    }

    /** Writes a line. */
    public void line(String text) {
        synchronized (this) {
            out.println(charset.apply(text));
        }
    }

    /** Writes a line that may have colours. */
    public void line(Row row) {
        line(row.render(Integer.MAX_VALUE, colours));
    }

    /**
     * Goes to the second screen, where drawing leaves the first one as it is, and hides the cursor. However the JVM ends,
     * unless it is killed outright, it goes back before.
     */
    public synchronized void openScreen() {
        if (screen && !open) {
            open = true;
            Runtime.getRuntime().addShutdownHook(new Thread(this::closeScreen, "sagaz-screen"));
            write(OPEN);
        }
    }

    /** Draws from the top; rows for which there is no room are left out. */
    public synchronized void draw(List<Row> rows) {
        if (!open) {
            return;
        }
        StringBuilder frame = new StringBuilder(HOME);
        int fitting = Math.min(rows.size(), size().rows());
        for (int i = 0; i < fitting; i++) {
            frame.append(charset.apply(rows.get(i).render(size.columns(), colours)))
                    .append(REST_OF_LINE);
            frame.append(i < fitting - 1 ? "\r\n" : "");
        }
        write(frame.append(REST_OF_SCREEN).toString());
    }

    /** Goes back to the first screen and shows the cursor. May be called twice. */
    public synchronized void closeScreen() {
        if (open) {
            open = false;
            write(CLOSE);
        }
    }

    private void write(String text) {
        out.print(text);
        out.flush();
    }

    private Size size() {
        if (screen && System.nanoTime() - askedAt >= SIZE_IS_KNOWN_NANOS) {
            askedAt = System.nanoTime();
            String[] answer = ask("stty size </dev/tty >&2").strip().split(" ", -1);
            if (answer.length == 2 && answer[0].matches("[1-9][0-9]*") && answer[1].matches("[1-9][0-9]*")) {
                size = new Size(Integer.parseInt(answer[1]), Integer.parseInt(answer[0]));
            }
        }
        return size;
    }

    private static boolean isTerminal() {
        return ask("test -t 1 && echo yes >&2").strip().equals("yes");
    }

    /** What a shell, whose standard output is ours, says on its standard error; nothing if it cannot be asked. */
    private static String ask(String command) {
        try {
            Process shell = new ProcessBuilder("sh", "-c", command)
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (var answer = shell.getErrorStream()) {
                String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
                return shell.waitFor(ASK_SECONDS, TimeUnit.SECONDS) && shell.exitValue() == 0 ? text : "";
            }
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
