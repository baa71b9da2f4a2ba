package io.sagaz.storage.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A piece of code that a page shows. */
final class Sample {
    private static final Path CODE = Path.of("src/test/java/io/sagaz/storage/postgres");

    private Sample() {}

    /** What stands between the marks of a class, as a page has it. */
    static String of(Class<?> type) throws IOException {
        String code = Files.readString(CODE.resolve(type.getSimpleName() + ".java"));
        return "```java\n"
                + code.substring(code.indexOf("// begin\n") + "// begin\n".length(), code.indexOf("        // end"))
                        .indent(-8)
                + "```\n";
    }

    static String page(String path) throws IOException {
        return Files.readString(Path.of("..").resolve(path));
    }
}
