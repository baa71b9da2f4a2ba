package io.sagaz.storage.contract;

import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatistics;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.log.OutboxLog;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;

/**
 * What every saga store promises. The test of a store extends this class, says how to reach the store, and runs all of it:
 *
 * <ul>
 *   <li>A saga is started once for its identifier and once for its name and key, however many try at once.
 *   <li>A change applies as a whole or not at all: status, steps, result, audit entries, lease and events. Of those who change one
 *       version one does; the answer says what was in the way of the others.
 *   <li>Statuses change as {@link io.sagaz.storage.SagaStatus} and {@link io.sagaz.storage.StepStatus} say, and not otherwise.
 *   <li>Batches answer in the order that was given. Starts are done together or not at all; a change that is refused does not keep
 *       the others back.
 *   <li>A saga whose lease is over goes to one of the workers who ask, in equal shares of each name, and its former owner cannot
 *       change it any more.
 *   <li>Events are in the outbox exactly if the write succeeded that emitted them.
 *   <li>Reads find what was written; pages have no saga twice and miss none, whatever is written meanwhile.
 *   <li>A member of a relay reads every event, those of a key in their order; what was acknowledged is not read again; whoever lost
 *       a shard cannot acknowledge.
 *   <li>Bad input is refused by an {@link IllegalArgumentException}, and changes nothing.
 * </ul>
 *
 * <p>The store may be one for all tests and may hold other things: each test uses names of its own. Tests must not run at the same
 * time on one store. What a store does not have, its test leaves out: the tests of that are reported as skipped, with the reason.
 */
@DisplayName("A saga store")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
public abstract class SagaStoreContract {
    /** For subclasses. */
    protected SagaStoreContract() {}

    /** The store. Each call commits by itself. Asked for often within a test, always for the same. */
    protected abstract SagaWrites writes();

    /** Reads of that store which see everything that was acknowledged before. */
    protected abstract SagaReads reads();

    /** Statistics of that store, as fresh; empty if it has none. */
    protected Optional<SagaStatistics> statistics() {
        return Optional.empty();
    }

    /** The outbox of that store, as fresh; empty if it cannot be looked at. */
    protected Optional<OutboxReads> outbox() {
        return Optional.empty();
    }

    /** What relays read; empty if the store has none. Without it nothing is known of events that belong to no saga. */
    protected Optional<OutboxLog> outboxLog() {
        return Optional.empty();
    }

    @Nested
    @DisplayName("starting a saga")
    class Start extends StartPromises {
        Start() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("what is kept of a document")
    class Document extends DocumentPromises {
        Document() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("changing a saga")
    class Change extends ChangePromises {
        Change() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("a status")
    class Status extends StatusPromises {
        Status() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("several in one call")
    class Batch extends BatchPromises {
        Batch() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("the audit log")
    class Audit extends AuditPromises {
        Audit() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("an abandoned saga")
    class Claim extends ClaimPromises {
        Claim() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("emitting events")
    class Emit extends EmitPromises {
        Emit() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("reading")
    class Read extends ReadPromises {
        Read() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("reading page by page")
    class Paging extends PagePromises {
        Paging() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("many at once")
    class Concurrency extends ConcurrencyPromises {
        Concurrency() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("statistics")
    class Figures extends StatisticsPromises {
        Figures() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("the log of events")
    class Log extends LogPromises {
        Log() {
            super(SagaStoreContract.this);
        }
    }

    @Nested
    @DisplayName("an event that is not published")
    class Unpublished extends UnpublishedPromises {
        Unpublished() {
            super(SagaStoreContract.this);
        }
    }
}
