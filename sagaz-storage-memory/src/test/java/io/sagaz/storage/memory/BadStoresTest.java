package io.sagaz.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import io.sagaz.storage.AuditEntry;
import io.sagaz.storage.AuditRecord;
import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.ClaimedSaga;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaFilter;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaSummary;
import io.sagaz.storage.SagaUpdate;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StartResult;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.Settlement;
import io.sagaz.storage.log.ShardedEvent;
import io.sagaz.storage.log.Unpublished;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Stores that break one promise each, all of which the contract finds out. */
class BadStoresTest {
    private static final String GROUPS = "io.sagaz.storage.contract.SagaStoreContract$";

    static Stream<Arguments> stores() {
        return Stream.of(
                arguments(ForgetsKeys.class, "Start"),
                arguments(StartsHalf.class, "Start"),
                arguments(TakesAnyDocument.class, "Document"),
                arguments(IgnoresVersions.class, "Change"),
                arguments(EmitsThoughRefused.class, "Change"),
                arguments(EmitsThoughRefused.class, "Emit"),
                arguments(LosesEvents.class, "Emit"),
                arguments(HidesTheReason.class, "Status"),
                arguments(AllowsEverything.class, "Status"),
                arguments(AnswersBackwards.class, "Batch"),
                arguments(StartsBatchesOneByOne.class, "Batch"),
                arguments(AnnotatesNobody.class, "Audit"),
                arguments(TellsTrailsBackwards.class, "Audit"),
                arguments(ClaimsTheNewest.class, "Claim"),
                arguments(FencesNoFormerOwner.class, "Claim"),
                arguments(ClaimsAnyName.class, "Claim"),
                arguments(ReadsOldSagas.class, "Read"),
                arguments(ShowsTwice.class, "Read"),
                arguments(SwallowsExceptions.class, "Read"),
                arguments(PagesByOffset.class, "Paging"),
                arguments(PagesByOffset.class, "Concurrency"),
                arguments(StartsForEverybody.class, "Concurrency"),
                arguments(PassesEventsOver.class, "Log"),
                arguments(ReordersEvents.class, "Log"),
                arguments(ForgetsAcknowledgements.class, "Unpublished"),
                arguments(FencesNobody.class, "Log"),
                arguments(PublishesWhatIsParked.class, "Unpublished"),
                arguments(SettlesNothing.class, "Unpublished"));
    }

    /** That nothing is found in a good one, {@link InMemorySagaStoreContractTest} tells. */
    @ParameterizedTest
    @MethodSource("stores")
    void theContractFindsOut(Class<?> store, String group) {
        assertThat(EngineTestKit.engine("junit-jupiter")
                        .selectors(selectNestedClass(List.of(store.getName()), GROUPS + group))
                        .execute()
                        .testEvents()
                        .failed()
                        .count())
                .isPositive();
    }

    /** A store in memory with something between its writes and the contract. */
    abstract static class BadWrites extends InMemorySagaStoreContractTest {
        abstract SagaWrites bad(SagaWrites good);

        @Override
        protected SagaWrites writes() {
            return bad(super.writes());
        }
    }

    static final class ForgetsKeys extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public StartResult start(NewSaga saga) {
                    return good.start(saga.idempotencyKey().isPresent() ? withoutKey(saga) : saga);
                }
            };
        }

        private static NewSaga withoutKey(NewSaga saga) {
            NewSaga copy = NewSaga.named(saga.name()).id(saga.id()).context(saga.context());
            return copy.steps(saga.steps().toArray(String[]::new));
        }
    }

    /** A saga and its events are two transactions. */
    static final class StartsHalf extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public StartResult start(NewSaga saga) {
                    try {
                        return good.start(saga);
                    } catch (RuntimeException e) {
                        good.start(NewSaga.named(saga.name()).id(saga.id()));
                        throw e;
                    }
                }
            };
        }
    }

    static final class TakesAnyDocument extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public boolean annotate(SagaId id, AuditEntry entry) {
                    try {
                        return good.annotate(id, entry);
                    } catch (IllegalArgumentException e) {
                        return good.annotate(id, entry.json("{}"));
                    }
                }
            };
        }
    }

    /** The last one wins. */
    static final class IgnoresVersions extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
                    ChangeResult result = good.apply(id, expectedVersion, change);
                    return result instanceof ChangeResult.Conflict conflict
                            ? good.apply(id, conflict.currentVersion(), change)
                            : result;
                }
            };
        }
    }

    static final class EmitsThoughRefused extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
                    ChangeResult result = good.apply(id, expectedVersion, change);
                    if (!(result instanceof ChangeResult.Applied)) {
                        good.emit(change.events());
                    }
                    return result;
                }
            };
        }
    }

    static final class LosesEvents extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public void emit(List<OutboxEvent> events) {
                    good.emit(events.size() > 10 ? events.subList(0, 10) : events);
                }
            };
        }
    }

    static final class HidesTheReason extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
                    return good.applyAll(updates).stream()
                            .map(result -> result instanceof ChangeResult.IllegalStepChange
                                    ? new ChangeResult.NotFound()
                                    : result)
                            .toList();
                }
            };
        }
    }

    static final class AllowsEverything extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
                    ChangeResult result = good.apply(id, expectedVersion, change);
                    return result instanceof ChangeResult.IllegalSagaChange illegal
                            ? new ChangeResult.Applied(expectedVersion + 1, illegal.to())
                            : result;
                }
            };
        }
    }

    static final class AnswersBackwards extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public List<ChangeResult> applyAll(List<SagaUpdate> updates) {
                    return backwards(good.applyAll(updates));
                }
            };
        }
    }

    static final class StartsBatchesOneByOne extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public List<StartResult> startAll(List<NewSaga> sagas) {
                    return sagas.stream()
                            .flatMap(saga -> good.startAll(List.of(saga)).stream())
                            .toList();
                }
            };
        }
    }

    static final class AnnotatesNobody extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public boolean annotate(SagaId id, AuditEntry entry) {
                    good.annotate(id, entry);
                    return true;
                }
            };
        }
    }

    static final class ClaimsTheNewest extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
                    return backwards(good.claimAbandoned(request));
                }
            };
        }
    }

    static final class FencesNoFormerOwner extends BadWrites {
        private final Map<SagaId, Long> claimed = new ConcurrentHashMap<>();

        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
                    List<ClaimedSaga> sagas = good.claimAbandoned(request);
                    sagas.forEach(saga -> claimed.put(saga.id(), saga.version()));
                    return sagas;
                }

                @Override
                public ChangeResult apply(SagaId id, long expectedVersion, SagaChange change) {
                    long version = claimed.getOrDefault(id, expectedVersion);
                    return good.apply(id, Math.max(version, expectedVersion), change);
                }
            };
        }
    }

    static final class ClaimsAnyName extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public List<ClaimedSaga> claimAbandoned(ClaimRequest request) {
                    return good.claimAbandoned(ClaimRequest.by(
                                    request.lease().owner(), request.lease().duration())
                            .limit(request.limit())
                            .idleFor(request.idleFor()));
                }
            };
        }
    }

    static final class StartsForEverybody extends BadWrites {
        @Override
        SagaWrites bad(SagaWrites good) {
            return new ForwardingWrites(good) {
                @Override
                public StartResult start(NewSaga saga) {
                    StartResult result = good.start(saga);
                    return result instanceof StartResult.AlreadyStarted already
                                    && already.id().equals(saga.id())
                            ? new StartResult.Started(saga.id(), 1)
                            : result;
                }
            };
        }
    }

    /** A store in memory with something between its reads and the contract. */
    abstract static class BadReads extends InMemorySagaStoreContractTest {
        abstract SagaReads bad(SagaReads good);

        @Override
        protected SagaReads reads() {
            return bad(super.reads());
        }
    }

    static final class ReadsOldSagas extends BadReads {
        private final Map<SagaId, ReadResult<Optional<Saga>>> read = new ConcurrentHashMap<>();

        @Override
        SagaReads bad(SagaReads good) {
            return new ForwardingReads(good) {
                @Override
                public ReadResult<Optional<Saga>> find(SagaId id) {
                    return id == null ? good.find(id) : read.computeIfAbsent(id, good::find);
                }
            };
        }
    }

    static final class ShowsTwice extends BadReads {
        @Override
        SagaReads bad(SagaReads good) {
            return new ForwardingReads(good) {
                @Override
                public ReadResult<Long> forEach(SagaFilter filter, Consumer<? super SagaSummary> consumer) {
                    good.forEach(filter.status(SagaStatus.PENDING), consumer);
                    return good.forEach(filter, consumer);
                }
            };
        }
    }

    static final class SwallowsExceptions extends BadReads {
        @Override
        SagaReads bad(SagaReads good) {
            return new ForwardingReads(good) {
                @Override
                public ReadResult<Long> forEach(SagaFilter filter, Consumer<? super SagaSummary> consumer) {
                    return good.forEach(filter, saga -> {
                        try {
                            consumer.accept(saga);
                        } catch (IllegalStateException lost) {
                            // Lost.
                        }
                    });
                }
            };
        }
    }

    static final class TellsTrailsBackwards extends BadReads {
        @Override
        SagaReads bad(SagaReads good) {
            return new ForwardingReads(good) {
                @Override
                public ReadResult<Page<AuditRecord>> auditTrail(SagaId id, PageRequest page) {
                    ReadResult<Page<AuditRecord>> trail = good.auditTrail(id, page);
                    Page<AuditRecord> told = trail.value();
                    return new ReadResult<>(new Page<>(backwards(told.items()), told.next()), trail.receipt());
                }
            };
        }
    }

    static final class PagesByOffset extends BadReads {
        @Override
        SagaReads bad(SagaReads good) {
            return new ForwardingReads(good) {
                @Override
                public ReadResult<Page<SagaSummary>> list(SagaFilter filter, PageRequest page) {
                    ReadResult<Page<SagaSummary>> all = good.list(filter, PageRequest.first(PageRequest.MAX_SIZE));
                    List<SagaSummary> items = all.value().items();
                    int begin = Math.min(page.after().map(Integer::parseInt).orElse(0), items.size());
                    int end = Math.min(begin + page.size(), items.size());
                    Optional<PageRequest> next = end < items.size()
                            ? Optional.of(PageRequest.after(String.valueOf(end), page.size()))
                            : Optional.empty();
                    return new ReadResult<>(new Page<>(items.subList(begin, end), next), all.receipt());
                }
            };
        }
    }

    /** A store in memory with something between its relays and the contract. */
    abstract static class BadLog extends InMemorySagaStoreContractTest {
        abstract RelayMember bad(RelayMember good);

        @Override
        protected Optional<OutboxLog> outboxLog() {
            return super.outboxLog().map(good -> ForwardingMember.log(good, this::bad));
        }
    }

    /** Who trusts that numbers come in their order. */
    static final class PassesEventsOver extends BadLog {
        @Override
        RelayMember bad(RelayMember good) {
            return new ForwardingMember(good) {
                @Override
                public Optional<OutboxBatch> next(int events, long bytes) {
                    return good.next(events, bytes)
                            .map(batch -> batch.events().size() < 3
                                    ? batch
                                    : changed(
                                            batch,
                                            batch.events()
                                                    .subList(1, batch.events().size())));
                }
            };
        }
    }

    static final class ReordersEvents extends BadLog {
        @Override
        RelayMember bad(RelayMember good) {
            return new ForwardingMember(good) {
                @Override
                public Optional<OutboxBatch> next(int events, long bytes) {
                    return good.next(events, bytes).map(batch -> changed(batch, backwards(batch.events())));
                }
            };
        }
    }

    static final class ForgetsAcknowledgements extends BadLog {
        @Override
        RelayMember bad(RelayMember good) {
            return new ForwardingMember(good) {
                @Override
                public Acknowledgement acknowledge(OutboxBatch batch, List<Unpublished> exceptions) {
                    return Acknowledgement.NOTED;
                }
            };
        }
    }

    static final class FencesNobody extends BadLog {
        @Override
        RelayMember bad(RelayMember good) {
            return new ForwardingMember(good) {
                @Override
                public Acknowledgement acknowledge(OutboxBatch batch, List<Unpublished> exceptions) {
                    Acknowledgement answer = good.acknowledge(batch, exceptions);
                    return answer == Acknowledgement.FENCED ? Acknowledgement.NOTED : answer;
                }
            };
        }
    }

    static final class PublishesWhatIsParked extends BadLog {
        @Override
        RelayMember bad(RelayMember good) {
            return new ForwardingMember(good) {
                @Override
                public Acknowledgement acknowledge(OutboxBatch batch, List<Unpublished> exceptions) {
                    return good.acknowledge(batch, List.of());
                }
            };
        }
    }

    static final class SettlesNothing extends BadLog {
        @Override
        RelayMember bad(RelayMember good) {
            return new ForwardingMember(good) {
                @Override
                public void settle(List<Settlement> settlements) {
                    // Lost.
                }
            };
        }
    }

    private static OutboxBatch changed(OutboxBatch batch, List<ShardedEvent> events) {
        return new OutboxBatch(batch.number(), events, batch.token());
    }

    private static <T> List<T> backwards(List<T> items) {
        List<T> backwards = new ArrayList<>(items);
        Collections.reverse(backwards);
        return backwards;
    }
}
