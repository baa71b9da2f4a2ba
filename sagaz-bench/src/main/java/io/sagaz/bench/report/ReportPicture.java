package io.sagaz.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The ratios as bars on a logarithmic scale, in SVG. Bars begin at 1: to the left is less, to the right is more. The colours
 * follow the reader's light or dark mode, and the background is painted, so that it can be read on any page. Pure.
 */
public final class ReportPicture {
    private static final int BARS = 470;
    private static final int RIGHT = 70;
    /** Of text in this font, as wide as it comes: a letter, and what is beside a label. */
    private static final int LETTER = 7;

    private static final int BESIDE_LABEL = 24;
    private static final int TOP = 56;
    private static final int ROW = 20;
    private static final int HEADING = 30;
    private static final int BAR = 12;
    private static final int BOTTOM = 34;
    private static final double[] STEPS = {1, 2, 5};
    private static final int MOST_TICKS = 9;

    private static final String STYLE = """
            <style>
              .page { fill: #ffffff; } text { fill: #1f2328; font: 12px system-ui, sans-serif; }
              .title { font-size: 15px; font-weight: 600; } .heading { font-weight: 600; } .quiet { fill: #59636e; }
              .better { fill: #1a7f37; } .worse { fill: #bc4c00; } .grid { stroke: #d1d9e0; } .one { stroke: #59636e; }
              .spread { stroke: #1f2328; }
              @media (prefers-color-scheme: dark) {
                .page { fill: #0d1117; } text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
                .better { fill: #3fb950; } .worse { fill: #db6d28; } .grid { stroke: #3d444d; } .one { stroke: #9198a1; }
                .spread { stroke: #f0f6fc; }
              }
            </style>
            """;

    private ReportPicture() {}

    private record Bar(String label, Ratio ratio, boolean moreIsBetter) {}

    private record Group(String title, List<Bar> bars) {}

    /** The picture. */
    public static String of(Report report) {
        List<Group> groups = groups(report);
        List<Bar> bars = groups.stream().flatMap(group -> group.bars().stream()).toList();
        int longest = bars.stream().mapToInt(bar -> bar.label().length()).max().orElse(0);
        int labels = BESIDE_LABEL + LETTER * longest;
        int width = labels + BARS + RIGHT;
        Scale scale = Scale.of(labels, bars.stream().map(Bar::ratio).toList());
        StringBuilder body = new StringBuilder();
        int y = TOP;
        for (Group group : groups) {
            y += HEADING;
            text(body, "heading", "start", 16, y - 10, group.title());
            for (Bar bar : group.bars()) {
                bar(body, bar, y, scale);
                y += ROW;
            }
        }
        int height = y + BOTTOM;
        StringBuilder picture = new StringBuilder();
        picture.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
                width,
                height,
                width,
                height));
        picture.append("<title>")
                .append(escaped(report.title()))
                .append("</title>\n")
                .append(STYLE);
        picture.append(String.format(
                Locale.ROOT, "<rect class=\"page\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", width, height));
        text(picture, "title", "start", 16, 26, report.title());
        text(
                picture,
                "quiet",
                "start",
                16,
                44,
                "Ratios, logarithmic: to the left of 1 is less, to the right is more; green is better. Lines: lowest and highest round.");
        for (double tick : scale.ticks()) {
            double x = scale.x(tick);
            line(picture, tick == 1 ? "one" : "grid", x, TOP, x, y);
            text(picture, "quiet", "middle", x, y + 18, Figures.round(tick));
        }
        return picture.append(body).append("</svg>\n").toString();
    }

    private static List<Group> groups(Report report) {
        List<Group> groups = new ArrayList<>();
        for (Section section : report.sections()) {
            List<Bar> bars = section.results().stream()
                    .filter(Result::pictured)
                    .flatMap(result -> result.ratios().stream()
                            .map(ratio -> new Bar(
                                    label(result.name(), ratio.of()),
                                    ratio,
                                    result.unit().isBetterWhenMore())))
                    .toList();
            if (!bars.isEmpty()) {
                groups.add(new Group(section.title(), bars));
            }
        }
        return groups;
    }

    /** What both names begin with is said once. */
    private static String label(String name, String of) {
        int comma = name.lastIndexOf(", ");
        String beginning = comma < 0 ? "" : name.substring(0, comma + 2);
        return name + " / " + (of.startsWith(beginning) ? of.substring(beginning.length()) : of);
    }

    private static void bar(StringBuilder to, Bar bar, int y, Scale scale) {
        double one = scale.x(1);
        double x = scale.x(bar.ratio().value());
        text(to, "quiet", "end", scale.labels() - 8, y + 10, bar.label());
        to.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
                x < one == bar.moreIsBetter() ? "worse" : "better",
                Math.min(x, one),
                y,
                Math.max(1, Math.abs(x - one)),
                BAR));
        double low = scale.x(bar.ratio().low());
        double high = scale.x(bar.ratio().high());
        double middle = y + BAR / 2.0;
        line(to, "spread", low, middle, high, middle);
        text(
                to,
                "",
                "start",
                Math.max(one, Math.max(x, high)) + 5,
                y + 10,
                Figures.ratio(bar.ratio().value()));
    }

    private static void line(StringBuilder to, String style, double x1, double y1, double x2, double y2) {
        to.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                style,
                x1,
                y1,
                x2,
                y2));
    }

    private static void text(StringBuilder to, String style, String anchor, double x, double y, String text) {
        to.append(String.format(
                Locale.ROOT,
                "<text%s text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
                style.isEmpty() ? "" : " class=\"" + style + "\"",
                anchor,
                x,
                y,
                escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** Where a ratio is, between the lowest and the highest that are drawn. */
    private record Scale(int labels, double low, double high) {
        static Scale of(int labels, List<Ratio> ratios) {
            double low = 0.5;
            double high = 2;
            for (Ratio ratio : ratios) {
                low = Math.min(low, Math.min(positive(ratio.low()), positive(ratio.value())));
                high = Math.max(high, Math.max(positive(ratio.high()), positive(ratio.value())));
            }
            return new Scale(labels, low / 1.1, high * 1.1);
        }

        double x(double ratio) {
            double place = Math.log(positive(ratio) / low) / Math.log(high / low);
            return labels + BARS * Math.min(1, Math.max(0, place));
        }

        /** 1, 2 and 5 of each power of ten, or 1 alone where that is too much. */
        List<Double> ticks() {
            List<Double> fine = ticks(STEPS);
            return fine.size() <= MOST_TICKS ? fine : ticks(new double[] {1});
        }

        private List<Double> ticks(double[] steps) {
            List<Double> ticks = new ArrayList<>();
            for (int power = (int) Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
                for (double step : steps) {
                    double tick = power < 0 ? step / Math.pow(10, -power) : step * Math.pow(10, power);
                    if (tick >= low && tick <= high) {
                        ticks.add(tick);
                    }
                }
            }
            return ticks;
        }

        /** A logarithm wants more than nothing. */
        private static double positive(double ratio) {
            return Math.max(ratio, 1e-6);
        }
    }
}
