package io.sagaz.cli.term;

import java.util.Locale;
import java.util.Map;

/** Stand-ins for characters that a terminal without UTF-8 cannot show; each is as wide as what it stands for. */
public final class Glyphs {
    private static final String FANCY = "─━│┌┐└┘├┤▶◀▲▼╳—–…·✓✗→←▁▂▃▄▅▆▇█";
    private static final String PLAIN = "-=|++++++><^vX--.|vx><_.:-=+*#";

    private Glyphs() {}

    /** Whether the locale of this environment says that its terminal takes UTF-8. */
    public static boolean utf8(Map<String, String> environment) {
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                String locale = value.toLowerCase(Locale.ROOT);
                return locale.contains("utf-8") || locale.contains("utf8");
            }
        }
        return false;
    }

    /** The text in ASCII. */
    public static String ascii(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.chars().forEach(c -> {
            int place = FANCY.indexOf(c);
            plain.append(c < 128 ? (char) c : place < 0 ? '?' : PLAIN.charAt(place));
        });
        return plain.toString();
    }
}
