package io.sagaz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page of the operations manual: its commands, in named blocks. */
public final class ManualPage {
    private static final Path MANUAL = Path.of("..", "docs", "operations");
    private static final Pattern BLOCK =
            Pattern.compile("^ *```\\w+ name=(\\S+)\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);

    private final Map<String, String> blocks = new LinkedHashMap<>();

    private ManualPage(String text) {
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            assertThat(blocks.put(block.group(1), block.group(2).stripIndent()))
                    .as("two blocks " + block.group(1))
                    .isNull();
        }
    }

    /** A page by the name of its file. */
    public static ManualPage read(String file) {
        try {
            return new ManualPage(Files.readString(MANUAL.resolve(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names of its blocks, in their order. */
    public List<String> names() {
        return List.copyOf(blocks.keySet());
    }

    /** What one block says. */
    public String block(String name) {
        return Objects.requireNonNull(blocks.get(name), name);
    }

    /** The commands of one block, one a line, without comments; a line that ends with a backslash goes on with the next. */
    public List<String> commands(String name) {
        return block(name)
                .replace("\\\n", "")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    /** Runs the commands {@code sagaz …} of one block, as a shell would; how each ended, in their order. */
    public List<CliRun> sagaz(String name, CliRun.Place place) {
        List<CliRun> runs = new ArrayList<>();
        for (String command : commands(name)) {
            List<String> words = List.of(command.split("\\s+"));
            assertThat(words.get(0)).isEqualTo("sagaz");
            runs.add(place.run(words.subList(1, words.size()).toArray(new String[0])));
        }
        return runs;
    }
}
