package io.sagaz.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.abort;

import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StoredEvent;
import io.sagaz.storage.log.OutboxLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What each group of promises stands on. */
abstract class Promises {
    /** How long a test waits for what should come at once. Longer than any machine needs. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final SagaStoreContract contract;

    Promises(SagaStoreContract contract) {
        this.contract = contract;
    }

    final SagaWrites writes() {
        return contract.writes();
    }

    final SagaReads reads() {
        return contract.reads();
    }

    final SagaStatistics statistics() {
        return contract.statistics().orElseGet(() -> abort("Skipped: this store has no statistics"));
    }

    final OutboxReads outbox() {
        return contract.outbox().orElseGet(() -> abort("Skipped: the outbox of this store cannot be looked at"));
    }

    final OutboxLog log() {
        return contract.outboxLog().orElseGet(() -> abort("Skipped: this store has no log of events"));
    }

    /** A name, a key or a topic that nobody has used before. */
    static String newName() {
        return "contract-" + SagaId.next();
    }

    static Random seeded() {
        long seed = new Random().nextLong();
        System.out.println("Seed " + seed);
        return new Random(seed);
    }

    final SagaId started(String... steps) {
        return writes().start(NewSaga.named(newName()).steps(steps)).id();
    }

    final Saga find(SagaId id) {
        Optional<Saga> found = reads().find(id).value();
        assertThat(found).as("saga %s", id).isPresent();
        return found.orElseThrow();
    }

    final List<StoredEvent> events(SagaId id) {
        return all(page -> reads().events(id, page).value());
    }

    final List<AuditRecord> trail(SagaId id) {
        return all(page -> reads().auditTrail(id, page).value());
    }

    final List<SagaSummary> list(SagaFilter filter) {
        return all(page -> reads().list(filter, page).value());
    }

    private static <T> List<T> all(Function<PageRequest, Page<T>> list) {
        return pages(list, PageRequest.MAX_SIZE);
    }

    /** All elements of a list, page by page; no page is empty but that of an empty list. */
    static <T> List<T> pages(Function<PageRequest, Page<T>> list, int size) {
        List<T> all = new ArrayList<>();
        Optional<PageRequest> next = Optional.of(PageRequest.first(size));
        while (next.isPresent()) {
            Page<T> page = list.apply(next.get());
            assertThat(page.items()).hasSizeBetween(next.get().after().isPresent() ? 1 : 0, size);
            all.addAll(page.items());
            next = page.next();
        }
        return all;
    }

    /** Changes a new saga until it has a status, and tells its version. */
    final long bring(SagaId id, SagaStatus status) {
        List<SagaStatus> way = switch (status) {
            case PENDING -> List.of();
            case RUNNING -> List.of(SagaStatus.RUNNING);
            case SUCCESS -> List.of(SagaStatus.RUNNING, SagaStatus.SUCCESS);
            case FAILED -> List.of(SagaStatus.FAILED);
            case COMPENSATING -> List.of(SagaStatus.RUNNING, SagaStatus.COMPENSATING);
            case COMPENSATED -> List.of(SagaStatus.RUNNING, SagaStatus.COMPENSATING, SagaStatus.COMPENSATED);
        };
        long version = 1;
        for (SagaStatus next : way) {
            version = writes().apply(id, version, SagaChange.to(next)).appliedVersion();
        }
        return version;
    }

    /** Waits until a condition holds; fails with its name when it does not within a minute. */
    static void await(String condition, BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("Waited " + PATIENCE + " in vain until " + condition);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    static void refuses(ThrowingCallable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.getMessage())
                        .as("a message that says what is wrong")
                        .isNotBlank());
    }

    /** A document without the white space between its elements: how much of that there is nobody promises. */
    static String compact(String json) {
        StringBuilder compact = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (quoted || !Character.isWhitespace(c)) {
                compact.append(c);
            }
            if (quoted && c == '\\') {
                compact.append(json.charAt(++i));
            } else if (c == '"') {
                quoted = !quoted;
            }
        }
        return compact.toString();
    }
}
