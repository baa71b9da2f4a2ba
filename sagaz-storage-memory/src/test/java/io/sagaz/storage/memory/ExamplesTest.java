package io.sagaz.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.storage.ClaimedSaga;
import io.sagaz.testkit.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The samples of docs/contracts.md do what the page says. */
class ExamplesTest {
    private static final Path CODE = Path.of("src/test/java/io/sagaz/storage/memory");

    @Test
    void aSagaOfAHostThatIsGoneIsClaimed() {
        assertThat(InMemoryExample.run(TestClock.at(Instant.now())))
                .extracting(ClaimedSaga::formerOwner)
                .containsExactly(Optional.of("host-1"));
    }

    @Test
    void thePageHasTheSamples() throws IOException {
        String example = Files.readString(CODE.resolve("InMemoryExample.java"));
        String test = Files.readString(CODE.resolve("InMemorySagaStoreContractTest.java"));
        assertThat(Files.readString(Path.of("../docs/contracts.md")))
                .contains("```java\n"
                        + example.substring(
                                        example.indexOf("// begin\n") + "// begin\n".length(),
                                        example.indexOf("        // end"))
                                .indent(-8)
                        + "```\n")
                .contains("```java\n" + test.substring(test.indexOf("class InMemory")) + "```\n");
    }
}
