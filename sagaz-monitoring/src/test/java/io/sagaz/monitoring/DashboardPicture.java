package io.sagaz.monitoring;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a dashboard shows, in SVG: the panels where Grafana puts them, with the series that Prometheus gave. Not how Grafana draws
 * it. The colours follow the reader's light or dark mode. Pure.
 */
final class DashboardPicture {
    private static final int COLUMNS = 24;
    private static final int COLUMN = 50;
    private static final int GAP = 10;
    private static final int HEADING = 34;
    private static final int LINE = 16;
    private static final int LINES_HEIGHT = 200;
    private static final int NOW_HEIGHT = 80;
    private static final int AXIS = 58;
    private static final int MOST_NAMED = 6;
    private static final int NAME = 34;
    private static final double ROOM = 1.1;
    private static final String[] COLOURS = {"#2f81f7", "#d29922", "#3fb950", "#f778ba", "#a371f7", "#db6d28"};

    private static final String STYLE = """
            <style>
              .page { fill: #ffffff; } .panel { fill: #f6f8fa; stroke: #d1d9e0; } text { fill: #1f2328; font: 11px system-ui, sans-serif; }
              .title { font-size: 16px; font-weight: 600; } .heading { font-size: 13px; font-weight: 600; } .name { font-weight: 600; }
              .quiet { fill: #59636e; } .grid { stroke: #d1d9e0; } .large { font-size: 24px; font-weight: 600; }
              .warning { fill: #9a6700; } .critical { fill: #cf222e; } .series { fill: none; stroke-width: 1.5; }
              @media (prefers-color-scheme: dark) {
                .page { fill: #0d1117; } .panel { fill: #151b23; stroke: #3d444d; } text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
                .grid { stroke: #3d444d; } .warning { fill: #d29922; } .critical { fill: #f85149; }
              }
            </style>
            """;

    private final StringBuilder body = new StringBuilder();
    private final Duration shown;
    private final Map<Panel, List<Series>> data;

    private DashboardPicture(Duration shown, Map<Panel, List<Series>> data) {
        this.shown = shown;
        this.data = data;
    }

    /**
     * Values over time.
     *
     * @param name by the legend
     * @param points in order
     */
    record Series(String name, List<Point> points) {
        double last() {
            return points.get(points.size() - 1).value();
        }
    }

    /**
     * One of them.
     *
     * @param at 0 where the picture begins, 1 where it ends
     */
    record Point(double at, double value) {}

    /** The picture of a dashboard, over so much time. */
    static String of(Dashboard dashboard, Duration shown, Map<Panel, List<Series>> data) {
        return new DashboardPicture(shown, data).draw(dashboard);
    }

    private String draw(Dashboard dashboard) {
        int width = COLUMNS * COLUMN + GAP;
        text("title", GAP, 24, dashboard.title() + ": the last " + shown.toSeconds() + " s of a test");
        int y = HEADING;
        for (Dashboard.Row row : dashboard.rows()) {
            text("heading", GAP, y + 20, row.title());
            y += HEADING - GAP + 4;
            int column = 0;
            int height = 0;
            for (Panel panel : row.panels()) {
                if (column + panel.width() > COLUMNS) {
                    y += height + GAP;
                    column = 0;
                    height = 0;
                }
                int tall = panel.kind() == Panel.Kind.LINES ? LINES_HEIGHT : NOW_HEIGHT;
                panel(panel, GAP + column * COLUMN, y, panel.width() * COLUMN - GAP, tall);
                column += panel.width();
                height = Math.max(height, tall);
            }
            y += height + GAP;
        }
        String size = "width=\"" + width + "\" height=\"" + y + "\"";
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " " + y + "\" " + size
                + " role=\"img\">\n<title>"
                + escaped(dashboard.title()) + "</title>\n" + STYLE + "<rect class=\"page\" " + size + " rx=\"6\"/>\n"
                + body
                + "</svg>\n";
    }

    private void panel(Panel panel, int x, int y, int width, int height) {
        body.append(String.format(
                Locale.ROOT,
                "<rect class=\"panel\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>\n",
                x,
                y,
                width,
                height));
        text("name", x + GAP, y + LINE + 2, panel.title());
        List<Series> series = data.getOrDefault(panel, List.of());
        if (panel.kind() == Panel.Kind.LINES) {
            lines(panel, series, x + GAP, y + 2 * LINE + 2, width - 2 * GAP, height - 2 * LINE - GAP);
        } else {
            figures(panel, series, x + GAP, y + height - 2 * GAP, width - 2 * GAP);
        }
    }

    private void figures(Panel panel, List<Series> series, int x, int y, int width) {
        List<Series> some = series.stream().limit(MOST_NAMED).toList();
        for (int i = 0; i < some.size(); i++) {
            double value = some.get(i).last();
            int at = x + i * width / some.size();
            text("large " + colour(panel, value), at, y, figure(panel.unit(), value));
            text("quiet", at, y + LINE - 3, shortened(some.get(i).name(), Math.max(6, width / some.size() / 6)));
        }
    }

    private static String colour(Panel panel, double value) {
        if (panel.warning().isEmpty() || panel.critical().isEmpty()) {
            return "";
        }
        double warning = panel.warning().getAsDouble();
        double critical = panel.critical().getAsDouble();
        boolean worseAbove = critical >= warning;
        if (worseAbove ? value >= critical : value < critical) {
            return "critical";
        }
        return (worseAbove ? value >= warning : value < warning) ? "warning" : "";
    }

    private void lines(Panel panel, List<Series> series, int x, int y, int width, int height) {
        int named = Math.min(series.size(), MOST_NAMED);
        int legend = (named + 1) / 2 * LINE;
        int left = x + AXIS;
        int right = x + width;
        int bottom = y + height - legend - LINE;
        double most = series.stream()
                .flatMap(each -> each.points().stream())
                .mapToDouble(Point::value)
                .max()
                .orElse(0);
        double least = Math.min(
                0,
                series.stream()
                        .flatMap(each -> each.points().stream())
                        .mapToDouble(Point::value)
                        .min()
                        .orElse(0));
        double span = most > least ? (most - least) * ROOM : 1;
        for (int i = 0; i <= 2; i++) {
            int at = bottom - i * (bottom - y) / 2;
            body.append(String.format(Locale.ROOT, "<path class=\"grid\" d=\"M%d %d H%d\"/>\n", left, at, right));
            text("quiet", x, at + 4, figure(panel.unit(), least + span * i / 2));
        }
        text("quiet", left, bottom + LINE - 2, "-" + shown.toSeconds() + " s");
        text("quiet", right - 24, bottom + LINE - 2, "now");
        for (int i = 0; i < series.size(); i++) {
            String colour = COLOURS[i % COLOURS.length];
            StringBuilder path = new StringBuilder();
            for (Point point : series.get(i).points()) {
                path.append(path.isEmpty() ? 'M' : 'L')
                        .append(String.format(
                                Locale.ROOT,
                                "%.1f %.1f",
                                left + point.at() * (right - left),
                                bottom - (point.value() - least) / span * (bottom - y)));
            }
            body.append("<path class=\"series\" stroke=\"")
                    .append(colour)
                    .append("\" d=\"")
                    .append(path)
                    .append("h0.1\"/>\n");
            if (i < named) {
                int at = x + i % 2 * width / 2;
                int line = bottom + 2 * LINE + i / 2 * LINE - 4;
                body.append(String.format(
                        Locale.ROOT, "<circle cx=\"%d\" cy=\"%d\" r=\"4\" fill=\"%s\"/>\n", at + 4, line - 4, colour));
                String more =
                        i == named - 1 && series.size() > named ? " and " + (series.size() - named) + " more" : "";
                text("quiet", at + 12, line, shortened(series.get(i).name(), NAME) + more);
            }
        }
    }

    private static String figure(Unit unit, double value) {
        return switch (unit) {
            case YES_NO -> value == 0 ? "No" : "Yes";
            case SHARE -> String.format(Locale.ROOT, "%.3g %%", value * 100);
            case SECONDS -> value < 1 ? scaled(value * 1e3, 1e3, "ms") : scaled(value, 1e9, "s");
            case BYTES -> scaled(value, 1024, "B", "KiB", "MiB", "GiB", "TiB");
            case BYTES_PER_SECOND -> scaled(value, 1024, "B/s", "KiB/s", "MiB/s", "GiB/s");
            case PER_SECOND -> scaled(value, 1e3, "/s", "k/s", "M/s");
            case NUMBER -> scaled(value, 1e3, "", "k", "M", "G");
        };
    }

    private static String scaled(double value, double step, String... units) {
        double rest = value;
        int unit = 0;
        while (Math.abs(rest) >= step && unit < units.length - 1) {
            rest /= step;
            unit++;
        }
        boolean whole = rest == Math.rint(rest);
        String number = String.format(Locale.ROOT, whole ? "%.0f" : Math.abs(rest) < 10 ? "%.2f" : "%.1f", rest);
        return (number + " " + units[unit]).strip();
    }

    private static String shortened(String name, int most) {
        return name.length() <= most ? name : name.substring(0, most - 1) + "…";
    }

    private void text(String kind, int x, int y, String text) {
        body.append(String.format(
                Locale.ROOT, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n", kind.strip(), x, y, escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
