package io.sagaz.cli.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The operations manual: everything is found from its front page, no link leads nowhere, figures are those that were measured. */
class ManualTest {
    private static final Path MANUAL = Path.of("..", "docs", "operations");
    private static final Path RUNBOOKS = Path.of("..", "docs", "runbooks");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern MEASURED = Pattern.compile(
            "^\\| .+ \\| ([^|]+) \\| \\[\\w+]\\((\\.\\./benchmarks/\\w+\\.md)\\) \\|$", Pattern.MULTILINE);

    private static List<Path> pages(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> links(Path page) throws IOException {
        List<String> links = new ArrayList<>();
        Matcher link = LINK.matcher(Files.readString(page));
        while (link.find()) {
            links.add(link.group(1));
        }
        return links;
    }

    /** As the platforms make them that show such pages. */
    private static Set<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void everyPageIsLinkedFromTheFrontPage() throws IOException {
        List<String> linked = links(MANUAL.resolve("README.md")).stream()
                .map(link -> link.replaceFirst("#.*", ""))
                .toList();

        assertThat(pages(MANUAL).stream()
                        .map(page -> page.getFileName().toString())
                        .filter(name -> !name.equals("README.md")))
                .isSubsetOf(linked);
        assertThat(links(Path.of("..", "README.md"))).contains("docs/operations/README.md");
    }

    @Test
    void everyRunbookIsLinkedFromTheListOfAlerts() throws IOException {
        assertThat(links(MANUAL.resolve("monitoring.md")))
                .containsAll(pages(RUNBOOKS).stream()
                        .map(page -> "../runbooks/" + page.getFileName())
                        .toList());
    }

    @Test
    void noLinkLeadsNowhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path folder : List.of(MANUAL, RUNBOOKS)) {
            for (Path page : pages(folder)) {
                for (String link : links(page)) {
                    if (link.contains("://")) {
                        continue;
                    }
                    String[] parts = link.split("#", 2);
                    Path target = parts[0].isEmpty() ? page : folder.resolve(parts[0]);
                    if (!Files.exists(target)
                            || (parts.length == 2 && !anchors(target).contains(parts[1]))) {
                        broken.add(page.getFileName() + ": " + link);
                    }
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    @Test
    void theSumsOfConnectionsAreThoseThatAreMade() throws IOException {
        String page = Files.readString(MANUAL.resolve("sizing.md")).replaceAll("\\s+", " ");

        assertThat(page)
                .contains(" " + Stacks.with().budget().sum() + " ")
                .contains(" " + Stacks.onKubernetes().budget().sum() + " ");
    }

    @Test
    void theFiguresAreInTheBenchmarksThatTheyAreSaidToBeOf() throws IOException {
        Matcher row = MEASURED.matcher(Files.readString(MANUAL.resolve("sizing.md")));
        int rows = 0;
        while (row.find()) {
            rows++;
            assertThat(Files.readString(MANUAL.resolve(row.group(2))))
                    .contains("| " + row.group(1).strip() + " |");
        }

        assertThat(rows).isEqualTo(7);
    }
}
