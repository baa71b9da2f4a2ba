package io.sagaz.monitoring;

import static io.sagaz.monitoring.Dashboard.row;
import static io.sagaz.monitoring.Panel.lines;
import static io.sagaz.monitoring.Panel.now;

import io.sagaz.monitoring.Dashboard.Row;
import java.util.List;

/** Sagas, and what services see of the store. */
final class SagasDashboard {
    private SagasDashboard() {}

    static Dashboard make() {
        return new Dashboard(
                "sagaz-sagas",
                "Sagas",
                "How sagas end, which do not, and how stores answer.",
                List.of(atAGlance(), howTheyEnd(), writes(), reads()));
    }

    private static Row atAGlance() {
        return row(
                "Now",
                Panels.alerts(Rule.Area.SAGAS),
                now("Unfinished", Unit.NUMBER, "Sagas with work left.")
                        .query("sum(sagaz_db_saga_unfinished{$here}) or vector(0)", "sagas"),
                now("Abandoned", Unit.NUMBER, "Unfinished sagas whose worker's lease has run out.")
                        .query("sum(sagaz_db_saga_abandoned{$here}) or vector(0)", "sagas")
                        .limits(1, 100),
                now("Failed", Unit.SHARE, "Of the sagas that ended in the last five minutes.")
                        .query("""
                            sum(sagaz_db_saga_outcome_last_5m{$here, outcome="failed"})
                            / sum(sagaz_db_saga_outcome_last_5m{$here})
                            """, "failed")
                        .limits(0.01, 0.05));
    }

    private static Row howTheyEnd() {
        return row(
                "How they end",
                lines("Ended", Unit.PER_SECOND, "Over five minutes, by kind and outcome.")
                        .query(
                                "sum by (saga_name, outcome) (sagaz_db_saga_outcome_last_5m{$here}) / 300",
                                "{{saga_name}} {{outcome}}"),
                lines(
                                "Not successful",
                                Unit.SHARE,
                                "Share of failed and compensated among those that ended in five minutes.")
                        .query("""
                            sum by (saga_name, outcome)
                              (sagaz_db_saga_outcome_last_5m{$here, outcome!="success"})
                            / on (saga_name) group_left ()
                              sum by (saga_name) (sagaz_db_saga_outcome_last_5m{$here})
                            """, "{{saga_name}} {{outcome}}"),
                lines(
                                "How long they take",
                                Unit.SECONDS,
                                "From start to end, of those that ended in five minutes: percentiles that occurred,"
                                        + " not estimates.")
                        .query("max by (saga_name) (sagaz_db_saga_duration_p50_seconds{$here})", "{{saga_name}} p50")
                        .query("max by (saga_name) (sagaz_db_saga_duration_p95_seconds{$here})", "{{saga_name}} p95")
                        .query("max by (saga_name) (sagaz_db_saga_duration_p99_seconds{$here})", "{{saga_name}} p99"),
                lines("Unfinished", Unit.NUMBER, "Sagas with work left, by kind and status.")
                        .query(
                                "max by (saga_name, status) (sagaz_db_saga_unfinished{$here})",
                                "{{saga_name}} {{status}}"),
                lines("Oldest unfinished", Unit.SECONDS, "Since it was started.")
                        .query(
                                "max by (saga_name, status) (sagaz_db_saga_oldest_seconds{$here})",
                                "{{saga_name}} {{status}}"),
                lines("Abandoned", Unit.NUMBER, "Unfinished sagas whose worker's lease has run out.")
                        .query(
                                "max by (saga_name, status) (sagaz_db_saga_abandoned{$here})",
                                "{{saga_name}} {{status}}"));
    }

    private static Row writes() {
        return row(
                "Writes",
                Panels.rate(
                        "Writes",
                        Meters.WRITES + "_count",
                        "outcome",
                        "What came of them: an answer, or an exception."),
                Panels.duration(
                        "How long writes take",
                        Meters.WRITES,
                        "operation",
                        "As a service sees it, with the wait for a connection. The longest is of the last"
                                + " minutes."),
                Panels.rate(
                        "Tried again",
                        Meters.WRITE_REPEATS,
                        "outcome",
                        "Writes that a store repeated by itself. Open: the connection was lost, and the"
                                + " attempt before may have succeeded."),
                lines("Connections of services", Unit.NUMBER, "In use, and threads that wait for one.")
                        .query(
                                "sum by (pool) (hikaricp_connections_active{$here, pool=~'sagaz-.+'})",
                                "{{pool}} in use")
                        .query(
                                "sum by (pool) (hikaricp_connections_pending{$here, pool=~'sagaz-.+'})",
                                "{{pool}} waiting"));
    }

    private static Row reads() {
        return row(
                "Reads",
                Panels.rate(
                        "Where reads go",
                        Meters.READS + "_count",
                        "reason",
                        "Why a read went where it did: replica_fresh is the rule."),
                Panels.duration("How long reads take", Meters.READS, "source", "Answered reads, by who answered."),
                Panels.duration(
                        "How stale answers are",
                        Meters.READ_STALENESS,
                        "source",
                        "The bounds that stand in the receipts."),
                Panels.rate(
                        "Sent away",
                        Meters.READS_REJECTED,
                        "reason",
                        "Reads that nobody fresh enough could answer while the primary is spared."),
                lines(
                                "Reads on the primary",
                                Unit.NUMBER,
                                "Those that no replica could answer, and how many there may be.")
                        .query("sum by (service) (" + Meters.PRIMARY_READS + "{$here})", "{{service}}")
                        .query("sum by (service) (" + Meters.PRIMARY_READS_MAX + "{$here})", "{{service}} at most"),
                lines("Inbox", Unit.PER_SECOND, "Events that consumers handled, and those they knew.")
                        .query(Panels.rateOf(Meters.INBOX_PROCESSED, "consumer_name"), "{{consumer_name}}")
                        .query(Panels.rateOf(Meters.INBOX_DUPLICATES, "consumer_name"), "{{consumer_name}} again"));
    }
}
