package io.sagaz.storage.postgres.internal.sql;

/**
 * The texts of the statements that write, made once for a schema. Each is a call of a function ({@code V1_8__writes.sql}); what
 * it is to do is one argument. The others look for what a lost answer leaves open.
 */
public final class WriteStatements {
    private static final String START = "SELECT {schema}.sagaz_start_saga(?::jsonb)";

    private static final String START_ALL = """
            SELECT {schema}.sagaz_start_saga(r.request)
              FROM jsonb_array_elements(?::jsonb) WITH ORDINALITY AS r (request, place)
             ORDER BY r.place
            """;

    private static final String START_CAREFULLY = "SELECT {schema}.sagaz_start_saga(?::jsonb || '{\"careful\": true}')";

    private static final String START_ALL_CAREFULLY = """
            SELECT {schema}.sagaz_start_saga(r.request || '{"careful": true}')
              FROM jsonb_array_elements(?::jsonb) WITH ORDINALITY AS r (request, place)
             ORDER BY r.place
            """;

    private static final String APPLY = "SELECT {schema}.sagaz_change_saga(?::jsonb)";

    private static final String APPLY_ALL = """
            SELECT {schema}.sagaz_change_saga(r.request)
              FROM jsonb_array_elements(?::jsonb) WITH ORDINALITY AS r (request, place)
             ORDER BY r.place
            """;

    private static final String ANNOTATE = "SELECT {schema}.sagaz_annotate_saga(?::jsonb)";

    private static final String CLAIM = "SELECT {schema}.sagaz_claim_sagas(?::jsonb)";

    private static final String EMIT = "SELECT {schema}.sagaz_emit(?::jsonb)";

    private static final String FIND_CHANGE = """
            SELECT saga_version, event_data ->> 'status' AS status
              FROM {schema}.saga_audit_log WHERE entry_id = ? AND created_at = ?
            """;

    /** Its identifier is the caller's: somebody else may have emitted the same since. */
    private static final String FIND_EVENT = """
            SELECT FROM {schema}.saga_outbox WHERE event_id = ? AND created_at = ? AND tx_id = ?::text::xid8
            """;

    /** The event may be another delivery's, and is by now if this one's transaction was rolled back. */
    private static final String FIND_RECEIVED = """
            SELECT FROM {schema}.consumer_inbox
             WHERE consumer_name = ? AND event_id = ? AND xmin = (?::text::xid8)::xid
            """;

    /** A server that was demoted knows nothing of what its successor does; the way may lead to that one in a moment. */
    private static final String FIND_TRANSACTION = """
            SELECT CASE WHEN pg_is_in_recovery() THEN 'in progress'
                        WHEN left(pg_walfile_name(pg_current_wal_lsn()), 8) = ? THEN pg_xact_status(?::text::xid8) END
            """;

    private static final String COUNT_EVENTS = """
            SELECT count(*)
              FROM unnest(?::text[]::uuid[], ?::text[]::timestamptz[]) AS e (event_id, created_at)
              JOIN {schema}.saga_outbox o USING (event_id, created_at)
             WHERE o.created_at >= ?::timestamptz AND o.created_at <= ?::timestamptz
            """;

    private final String start;
    private final String startCarefully;
    private final String startAll;
    private final String startAllCarefully;
    private final String apply;
    private final String applyAll;
    private final String annotate;
    private final String claim;
    private final String emit;
    private final String findChange;
    private final String countEvents;
    private final String findEvent;
    private final String findReceived;

    /** The statements for a schema. */
    public WriteStatements(Schema schema) {
        start = schema.in(START);
        startCarefully = schema.in(START_CAREFULLY);
        startAll = schema.in(START_ALL);
        startAllCarefully = schema.in(START_ALL_CAREFULLY);
        apply = schema.in(APPLY);
        applyAll = schema.in(APPLY_ALL);
        annotate = schema.in(ANNOTATE);
        claim = schema.in(CLAIM);
        emit = schema.in(EMIT);
        findChange = schema.in(FIND_CHANGE);
        countEvents = schema.in(COUNT_EVENTS);
        findEvent = schema.in(FIND_EVENT);
        findReceived = schema.in(FIND_RECEIVED);
    }

    String start() {
        return start;
    }

    /** As {@link #start}, for a saga that may be there already. */
    String startCarefully() {
        return startCarefully;
    }

    String startAll() {
        return startAll;
    }

    /** As {@link #startAll}, for sagas of which some may be there already. */
    String startAllCarefully() {
        return startAllCarefully;
    }

    String apply() {
        return apply;
    }

    String applyAll() {
        return applyAll;
    }

    String annotate() {
        return annotate;
    }

    String claim() {
        return claim;
    }

    String emit() {
        return emit;
    }

    String findChange() {
        return findChange;
    }

    String countEvents() {
        return countEvents;
    }

    String findEvent() {
        return findEvent;
    }

    String findReceived() {
        return findReceived;
    }

    String findTransaction() {
        return FIND_TRANSACTION;
    }
}
