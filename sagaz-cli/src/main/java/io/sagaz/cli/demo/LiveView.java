package io.sagaz.cli.demo;

import io.sagaz.cli.term.Terminal;
import java.util.ArrayList;
import java.util.List;

/** Shows a run as a picture that is drawn anew with each snapshot, on the terminal's second screen. */
final class LiveView implements View {
    private final Terminal terminal;
    private final Screen screen;
    private final List<Story.Entry> told = new ArrayList<>();
    private boolean drawing;

    LiveView(Terminal terminal, Screen screen) {
        this.terminal = terminal;
        this.screen = screen;
    }

    @Override
    public void say(String line) {
        terminal.line(line);
    }

    @Override
    public void tell(Story.Entry entry) {
        told.add(entry);
    }

    @Override
    public void show(Snapshot snapshot) {
        if (!drawing) {
            drawing = true;
            terminal.openScreen();
        }
        terminal.draw(screen.draw(snapshot, terminal.columns()));
    }

    @Override
    public void close() {
        if (!drawing) {
            return;
        }
        drawing = false;
        terminal.closeScreen();
        // The second screen is gone with all that was on it: what happened is worth keeping.
        PlainView lines = new PlainView(terminal::line);
        told.forEach(lines::tell);
    }
}
