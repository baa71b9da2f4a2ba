package io.sagaz.cli.init;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The templates of files, which are resources beside this class. */
final class Templates {
    private static final Mustache.Compiler COMPILER =
            Mustache.compiler().escapeHTML(false).strictSections(true);

    private Templates() {}

    /** A template with these values; one that it names and that is missing is an error. */
    static String filled(String resource, Map<String, Object> values) {
        return COMPILER.compile(text(resource)).execute(values);
    }

    /** A resource as it is. */
    static String text(String resource) {
        try (InputStream in = Templates.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("There is no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the resource " + resource, e);
        }
    }
}
