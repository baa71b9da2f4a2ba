package io.sagaz.cli.term;

/** How a piece of text stands out. */
public enum Style {
    /** Not at all. */
    NORMAL(""),
    /** Titles and figures that matter. */
    BOLD("1"),
    /** What is said in passing. */
    DIM("2"),
    /** What is as it should be. */
    GOOD("32"),
    /** What is worth a look. */
    NOTABLE("33"),
    /** What is wrong. */
    BAD("1;31"),
    /** The second of two things that are told apart by colour. */
    OTHER("36");

    private final String code;

    Style(String code) {
        this.code = code;
    }

    /** The text with the codes of this style around it. */
    String paint(String text) {
        return code.isEmpty() || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
