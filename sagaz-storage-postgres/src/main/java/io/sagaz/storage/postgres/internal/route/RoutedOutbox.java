package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.DeadLetter;
import io.sagaz.storage.OutboxDepth;
import io.sagaz.storage.OutboxReads;
import io.sagaz.storage.OutboxThroughput;
import io.sagaz.storage.Page;
import io.sagaz.storage.PageRequest;
import io.sagaz.storage.ParkedEvent;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadResult;
import io.sagaz.storage.TimeSpan;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.SqlOutboxReads;
import java.time.Duration;
import java.util.List;

/** Looks at the outbox under one consistency. Safe for threads. */
final class RoutedOutbox implements OutboxReads {
    private final ReadPath path;
    private final SqlOutboxReads sql;
    private final ReadConsistency consistency;

    RoutedOutbox(ReadPath path, SqlOutboxReads sql, ReadConsistency consistency) {
        this.path = path;
        this.sql = sql;
        this.consistency = Arguments.present("consistency", consistency);
    }

    @Override
    public ReadResult<List<OutboxDepth>> depth() {
        return path.read("outboxDepth", consistency, sql::depth);
    }

    @Override
    public ReadResult<List<OutboxThroughput>> throughput(TimeSpan span, Duration interval) {
        Intervals.check(span, interval);
        return path.read("outboxThroughput", consistency, connection -> sql.throughput(connection, span, interval));
    }

    @Override
    public ReadResult<Page<DeadLetter>> deadLetters(String relay, PageRequest page) {
        Arguments.present("relay", relay);
        Arguments.present("page", page);
        return path.read("deadLetters", consistency, connection -> sql.deadLetters(connection, relay, page));
    }

    @Override
    public ReadResult<Page<ParkedEvent>> parked(String relay, PageRequest page) {
        Arguments.present("relay", relay);
        Arguments.present("page", page);
        return path.read("parked", consistency, connection -> sql.parked(connection, relay, page));
    }
}
