package io.sagaz.bench.outbox;

import io.sagaz.bench.load.PeerVersions;
import java.util.List;

/** What the others do and do not do beside Sagaz, with their versions: nobody is to be compared with what he did not do. */
final class Peers {
    private final PeerVersions versions = new PeerVersions();

    /** A paragraph for each. */
    List<String> paragraphs() {
        return List.of(
                "\"multi-row INSERT\" and \"COPY\" are no outbox but limits: the same rows into the same table, the first by one"
                        + " statement with a list of values for each row. They check no JSON before they begin, recognise no repetition,"
                        + " and do not find out what became of a commit whose answer is lost; Sagaz does all of that.",
                "\"status table\" is an outbox as services write their own, and no library: a plain table whose rows have a status."
                        + " Events are inserted one statement each, in one transaction. Each worker claims "
                        + StatusTable.CLAIM
                        + " by `UPDATE … WHERE id IN (SELECT … FOR UPDATE SKIP LOCKED) RETURNING`, publishes one after another, and sets"
                        + " the status of each by a statement and commit of its own. It has the primary key and one partial index of the"
                        + " events that wait. It keeps no order of a key as soon as there are two workers.",
                "\"transaction-outbox\" is `com.gruelbox:transactionoutbox-core` " + versions.of("transaction-outbox")
                        + " (of 2022; later ones have ordered topics, which this one has not). What it schedules is written in a JDBC batch"
                        + " before the commit. It is drained by `flush()` again and again, with its default of 4,096 entries at a time, as if"
                        + " the two minutes had passed after which it looks at them again; each entry is locked, carried out and deleted in a"
                        + " transaction of its own. It keeps no order.",
                "\"db-scheduler\" is `com.github.kagkarlsson:db-scheduler` " + versions.of("db-scheduler")
                        + ", a scheduler: each event is a one-time task that is due at once, written by `scheduleBatch`, with its default"
                        + " serializer. It writes on connections of its own, so that it takes a DataSource that knows the caller's transaction"
                        + " to make an outbox of it; that is not measured. It is drained with `pollUsingLockAndFetch("
                        + SchedulerDrain.LOWER + ", " + SchedulerDrain.UPPER
                        + ")`, and deletes each task when it is done. It keeps no order.");
    }

    String version(String of) {
        return versions.of(of);
    }
}
