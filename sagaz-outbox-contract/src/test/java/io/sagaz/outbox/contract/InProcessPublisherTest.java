package io.sagaz.outbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagaz.outbox.BrokerUnavailableException;
import io.sagaz.outbox.EventRefusedException;
import io.sagaz.outbox.InProcessPublisher;
import io.sagaz.outbox.OutgoingEvent;
import io.sagaz.storage.CausalToken;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.StoredEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InProcessPublisherTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final InProcessPublisher broker = new InProcessPublisher();

    @Test
    void theExampleOfThePageWorks() throws IOException {
        String code = Files.readString(Path.of("src/test/java/io/sagaz/outbox/contract/InProcessExample.java"));
        String sample = code.substring(
                        code.indexOf("// begin\n") + "// begin\n".length(), code.indexOf("        // end"))
                .indent(-8);
        assertThat(Files.readString(Path.of("../docs/outbox/publishers.md"))).contains("```java\n" + sample + "```\n");
        InProcessPublisher used = InProcessExample.run(event("orders"));
        assertThat(failure(used.publish(event("orders")).toCompletableFuture()))
                .isInstanceOf(BrokerUnavailableException.class);
        used.comeBack();
        assertThat(failure(used.publish(event("broken")).toCompletableFuture()))
                .isInstanceOf(EventRefusedException.class);
        assertThat(used.publish(event("orders")).toCompletableFuture()).isNotDone();
    }

    @Test
    void whatIsHeldBackIsAcknowledgedInItsOrderWhenItIsReleased() {
        OutgoingEvent first = event("orders");
        OutgoingEvent second = event("orders");
        broker.hold();
        CompletableFuture<Void> one = broker.publish(first).toCompletableFuture();
        CompletableFuture<Void> two = broker.publish(second).toCompletableFuture();
        broker.awaitHeld(2, SOON);
        assertThat(broker.held()).containsExactly(first, second);
        assertThat(one).isNotDone();
        assertThat(broker.published()).isEmpty();
        broker.release();
        assertThat(one).isCompleted();
        assertThat(two).isCompleted();
        assertThat(broker.published()).containsExactly(first, second);
        assertThat(broker.held()).isEmpty();
        assertThat(broker.publish(event("orders")).toCompletableFuture()).isCompleted();
    }

    @Test
    void whatIsHeldBackIsLostWhenTheBrokerGoesDown() {
        broker.hold();
        CompletableFuture<Void> lost = broker.publish(event("orders")).toCompletableFuture();
        broker.goDown();
        assertThat(failure(lost)).isInstanceOf(BrokerUnavailableException.class);
        broker.comeBack();
        broker.release();
        assertThat(broker.published()).isEmpty();
    }

    @Test
    void eachAttemptIsThereWhateverBecameOfIt() {
        OutgoingEvent poison = event("broken");
        OutgoingEvent fine = event("orders");
        broker.refuse(each -> each.equals(poison));
        broker.publish(poison);
        broker.goDown();
        broker.publish(fine);
        broker.comeBack();
        broker.publish(poison);
        broker.publish(fine);
        assertThat(broker.attempts()).containsExactly(poison, fine, poison, fine);
        assertThat(broker.published()).containsExactly(fine);
    }

    @Test
    void aClosedPublisherDoesNotComeBack() {
        broker.close();
        broker.comeBack();
        assertThat(failure(broker.publish(event("orders")).toCompletableFuture()))
                .isInstanceOf(BrokerUnavailableException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void whatIsAskedForIsFoundAmongOthers() {
        OutgoingEvent wanted = event("payments");
        broker.publish(event("orders"));
        broker.publish(wanted);
        assertThat(broker.published("payments")).containsExactly(wanted);
        assertThat(broker.awaitEvent(event -> event.event().topic().equals("payments"), SOON))
                .isEqualTo(wanted);
        broker.clear();
        assertThat(broker.published()).isEmpty();
        assertThat(broker.attempts()).isEmpty();
    }

    @Test
    void whoeverWaitsInVainIsToldWhatIsThere() {
        OutgoingEvent there = event("orders");
        broker.publish(there);
        assertThatThrownBy(() -> broker.awaitCount(2, Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("2 events")
                .hasMessageContaining(there.event().id().toString());
    }

    private static Throwable failure(CompletableFuture<Void> stage) {
        assertThat(stage).isCompletedExceptionally();
        return stage.handle((done, failure) -> failure).join();
    }

    private static OutgoingEvent event(String topic) {
        OutboxEvent event = OutboxEvent.to(topic).json("{}");
        return new OutgoingEvent(
                new StoredEvent(
                        event.id(),
                        event.createdAt(),
                        1,
                        Optional.empty(),
                        event.topic(),
                        event.key(),
                        event.type(),
                        event.payload(),
                        event.headers()),
                new CausalToken(1, 1, 1));
    }
}
