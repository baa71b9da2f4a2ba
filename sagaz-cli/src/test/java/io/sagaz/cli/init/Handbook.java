package io.sagaz.cli.init;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands that {@code SAGAZ.md} tells operators, run on a {@link Cluster} as they are written there. */
record Handbook(Cluster cluster) {
    private static final Pattern FENCED = Pattern.compile("(?ms)^```$(.*?)^```$");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    /** The commands of a section, as the file has them now. */
    List<String> commands(String section) throws IOException {
        String text = Files.readString(cluster.folder().resolve("k8s/SAGAZ.md"));
        String after = text.substring(text.indexOf("\n## " + section + "\n") + 1);
        int next = after.indexOf("\n## ");
        Matcher fenced = FENCED.matcher(next < 0 ? after : after.substring(0, next));
        List<String> commands = new ArrayList<>();
        while (fenced.find()) {
            fenced.group(1)
                    .replace("\\\n", "")
                    .lines()
                    .filter(line -> !line.isBlank())
                    .forEach(commands::add);
        }
        if (!text.contains("\n## " + section + "\n") || commands.isEmpty()) {
            throw new AssertionError("SAGAZ.md has no commands under " + section);
        }
        return commands;
    }

    /** Runs all commands of a section, and waits for each pod that is made anew. */
    void run(String section) throws IOException {
        for (String command : commands(section)) {
            runOne(command);
        }
    }

    /** Runs one command. */
    void runOne(String command) throws IOException {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        if (command.startsWith("docker ")) {
            cluster.command(words);
        } else if (command.startsWith("sagaz init ")) {
            cluster.init(words.subList(2, words.size()));
        } else if (command.startsWith("kubectl apply ")) {
            cluster.apply();
        } else if (command.startsWith("kubectl -n " + cluster.namespace() + " ")) {
            kubectl(words.subList(3, words.size()));
        } else {
            throw new AssertionError("Not known here: " + command);
        }
    }

    private void kubectl(List<String> words) {
        switch (String.join(" ", words.subList(0, 2))) {
            case "delete pvc" -> cluster.deleteClaim(words.get(2));
            case "delete pod" -> {
                cluster.delete(words.get(2));
                cluster.start(words.get(2));
                cluster.awaitReady(words.get(2), "postgresql");
            }
            case "rollout restart" -> words.subList(3, words.size()).forEach(cluster::rollOut);
            default -> exec(words);
        }
    }

    private void exec(List<String> words) {
        int separator = words.indexOf("--");
        if (separator != 4 || !words.get(0).equals("exec") || !words.get(2).equals("-c")) {
            throw new AssertionError("Not known here: " + words);
        }
        Engine.Outcome outcome = cluster.exec(words.get(1), words.get(3), words.subList(separator + 1, words.size()));
        if (outcome.status() != 0) {
            throw new AssertionError(words + ": " + outcome.words());
        }
    }
}
