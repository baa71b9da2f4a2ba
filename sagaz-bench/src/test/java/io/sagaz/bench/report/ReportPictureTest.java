package io.sagaz.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.Arrays;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPictureTest {
    private Document picture;
    private String text;

    @BeforeEach
    void draw() throws Exception {
        text = ReportPicture.of(Reports.sample());
        picture = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(text)));
    }

    @Test
    void lessIsToTheLeftAndMoreToTheRightOfOne() {
        double one = number(elements("line", "one")[0], "x1");
        Element[] less = elements("rect", "better");
        Element[] more = elements("rect", "worse");

        // fast is a quarter of slow, and as much as other.
        assertThat(less).hasSize(1);
        assertThat(number(less[0], "x") + number(less[0], "width")).isCloseTo(one, within());
        assertThat(more).hasSize(1);
        assertThat(number(more[0], "x")).isCloseTo(one, within());
        assertThat(number(more[0], "width")).isLessThan(2);
    }

    @Test
    void moreIsBetterOfWhatIsDoneInASecondAndOfNoTime() {
        assertThat(Unit.PER_SECOND.isBetterWhenMore()).isTrue();
        assertThat(Unit.MILLIS.isBetterWhenMore()).isFalse();
        assertThat(Unit.BYTES.isBetterWhenMore()).isFalse();
    }

    @Test
    void theScaleIsLogarithmic() {
        double one = number(elements("line", "one")[0], "x1");
        double[] ticks = IntStream.range(0, elements("line", "grid").length)
                .mapToDouble(i -> number(elements("line", "grid")[i], "x1"))
                .toArray();

        // 0.2, 0.5 and, behind 1, 2: from 0.5 to 1 it is as far as from 1 to 2.
        assertThat(ticks).hasSize(3);
        assertThat(one - ticks[1]).isCloseTo(ticks[2] - one, within());
    }

    @Test
    void labelsHaveAsMuchRoomAsTheyTake() {
        Element[] labels = Arrays.stream(elements("text", "quiet"))
                .filter(label -> label.getAttribute("text-anchor").equals("end"))
                .toArray(Element[]::new);

        assertThat(labels)
                .hasSizeGreaterThan(1)
                .allSatisfy(label -> assertThat(number(label, "x"))
                        .as(label.getTextContent())
                        .isGreaterThan(6.5 * label.getTextContent().length()));
    }

    @Test
    void itIsReadableInLightAndDarkAndNeedsNothingFromElsewhere() {
        assertThat(text)
                .contains("prefers-color-scheme: dark")
                .contains("class=\"page\"")
                .doesNotContain("@import")
                .doesNotContain("url(")
                .doesNotContain("href");
        assertThat(picture.getDocumentElement().getAttribute("role")).isEqualTo("img");
    }

    private Element[] elements(String name, String style) {
        NodeList nodes = picture.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .filter(element -> element.getAttribute("class").equals(style))
                .toArray(Element[]::new);
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    /** Coordinates have one digit behind the point. */
    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(0.3);
    }
}
