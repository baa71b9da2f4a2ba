package io.sagaz.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be read off PromQL without a parser. */
final class Expressions {
    private static final Pattern TEXTS = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern LABELS =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");
    private static final Pattern NAME = Pattern.compile("(?<![\\w:.$])[a-zA-Z_:][\\w:]*(?!\\w|\\s*\\()");
    private static final Pattern SELECTOR = Pattern.compile("(?<![\\w:.$])[a-zA-Z_:][\\w:]*\\{([^}]*)\\}");
    private static final Pattern LABEL = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "offset", "bool", "Inf", "NaN");

    private Expressions() {}

    /** The names of the metrics in an expression. */
    static Set<String> metrics(String expression) {
        String bare = TEXTS.matcher(expression).replaceAll("\"\"");
        bare = bare.replaceAll("\\{[^}]*\\}", "").replaceAll("\\[[^\\]]*\\]", "");
        bare = LABELS.matcher(bare).replaceAll(" ");
        Set<String> names = new TreeSet<>();
        Matcher matcher = NAME.matcher(bare);
        while (matcher.find()) {
            if (!WORDS.contains(matcher.group()) && !matcher.group().matches("e\\d+")) {
                names.add(matcher.group());
            }
        }
        return names;
    }

    /** How many of the metrics in an expression are selected with a label matcher such as this. */
    static long selectorsWith(String expression, String matcher) {
        return SELECTOR.matcher(expression)
                .results()
                .map(MatchResult::group)
                .filter(selector -> selector.contains(matcher))
                .count();
    }

    /** How often metrics are named. */
    static long selectors(String expression) {
        String bare = TEXTS.matcher(expression).replaceAll("\"\"");
        bare = bare.replaceAll("\\{[^}]*\\}", "").replaceAll("\\[[^\\]]*\\]", "");
        bare = LABELS.matcher(bare).replaceAll(" ");
        return NAME.matcher(bare)
                .results()
                .map(MatchResult::group)
                .filter(name -> !WORDS.contains(name) && !name.matches("e\\d+"))
                .count();
    }

    /** As Grafana would send it. */
    static String withVariables(String expression, String cluster) {
        return expression.replace("$cluster", cluster).replace("$__rate_interval", "1m");
    }

    /** As Grafana would call a series with these labels. */
    static String legend(String legend, JsonNode labels) {
        return LABEL.matcher(legend)
                .replaceAll(label ->
                        Matcher.quoteReplacement(labels.path(label.group(1)).asText("")));
    }
}
