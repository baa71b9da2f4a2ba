package io.sagaz.storage.memory;

import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.log.EventSource;
import io.sagaz.storage.log.OutboxBatch;
import io.sagaz.storage.log.OutboxLog;
import io.sagaz.storage.log.ParkedEvents;
import io.sagaz.storage.log.ParkedKey;
import io.sagaz.storage.log.RelayMember;
import io.sagaz.storage.log.RelayStart;
import io.sagaz.storage.log.Settlement;
import io.sagaz.storage.log.Shares;
import io.sagaz.storage.log.Unpublished;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A member that does as another does, but for what a test makes of it. */
abstract class ForwardingMember implements RelayMember {
    private final RelayMember good;

    ForwardingMember(RelayMember good) {
        this.good = good;
    }

    /** A log whose members are others. */
    static OutboxLog log(OutboxLog good, UnaryOperator<RelayMember> change) {
        return new OutboxLog() {
            @Override
            public boolean register(String relay, RelayStart start) {
                return good.register(relay, start);
            }

            @Override
            public RelayMember join(String relay, String instance, Duration lease, EventSource source) {
                return change.apply(good.join(relay, instance, lease, source));
            }

            @Override
            public Optional<OutboxDepth> depth(String relay) {
                return good.depth(relay);
            }

            @Override
            public Listening onAppend(Runnable listener) {
                return good.onAppend(listener);
            }
        };
    }

    @Override
    public UUID id() {
        return good.id();
    }

    @Override
    public Shares keep(int release) {
        return good.keep(release);
    }

    @Override
    public Optional<OutboxBatch> next(int events, long bytes) {
        return good.next(events, bytes);
    }

    @Override
    public Acknowledgement acknowledge(OutboxBatch batch, List<Unpublished> exceptions) {
        return good.acknowledge(batch, exceptions);
    }

    @Override
    public List<ParkedKey> parkedKeys() {
        return good.parkedKeys();
    }

    @Override
    public ParkedEvents parked(Collection<ParkedKey> keys, int each) {
        return good.parked(keys, each);
    }

    @Override
    public void settle(List<Settlement> settlements) {
        good.settle(settlements);
    }

    @Override
    public void leave() {
        good.leave();
    }
}
