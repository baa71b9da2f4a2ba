package io.sagaz.monitoring;

import static io.sagaz.monitoring.Dashboard.row;
import static io.sagaz.monitoring.Panel.lines;
import static io.sagaz.monitoring.Panel.now;

import io.sagaz.monitoring.Dashboard.Row;
import java.util.List;

/** The outbox: what the log says, and what relays do. */
final class OutboxDashboard {
    private OutboxDashboard() {}

    static Dashboard make() {
        return new Dashboard(
                "sagaz-outbox",
                "Outbox",
                "How far relays are behind, what they publish, and what they cannot.",
                List.of(atAGlance(), log(), relays()));
    }

    private static Row atAGlance() {
        return row(
                "Now",
                Panels.alerts(Rule.Area.OUTBOX),
                now("Unpublished", Unit.NUMBER, "Events that wait; of a relay far behind, at least so many.")
                        .query("max by (relay) (sagaz_db_outbox_unpublished{$here})", "{{relay}}")
                        .limits(500, 10_000),
                now("Oldest event", Unit.SECONDS, "Age of the oldest event that is not published.")
                        .query("max by (relay) (sagaz_db_outbox_oldest_seconds{$here})", "{{relay}}")
                        .limits(60, 300),
                now("Dead letters", Unit.NUMBER, "Events that were given up and not looked after.")
                        .query("max by (relay) (sagaz_db_outbox_dead_letters{$here})", "{{relay}}")
                        .limits(1, 100));
    }

    private static Row log() {
        return row(
                "The log, by the database's word",
                lines("Unpublished", Unit.NUMBER, "Events that wait for a relay.")
                        .query("max by (relay) (sagaz_db_outbox_unpublished{$here})", "{{relay}}"),
                lines("Oldest event", Unit.SECONDS, "Age of the oldest event that is not published.")
                        .query("max by (relay) (sagaz_db_outbox_oldest_seconds{$here})", "{{relay}}")
                        .limits(60, 300),
                lines(
                                "Parked, and dead letters",
                                Unit.NUMBER,
                                "Events to be tried again with those of the same key behind them, and events that"
                                        + " were given up.")
                        .query("max by (relay) (sagaz_db_outbox_parked{$here})", "{{relay}} parked")
                        .query("max by (relay) (sagaz_db_outbox_dead_letters{$here})", "{{relay}} dead"),
                lines("Last at work", Unit.SECONDS, "Since an instance of the relay was seen.")
                        .query("max by (relay) (sagaz_db_outbox_unseen_seconds{$here})", "{{relay}}")
                        .limits(60, 120));
    }

    private static Row relays() {
        return row(
                "Relays",
                Panels.rate("Published", Meters.PUBLISHED, "relay", "Events that the broker acknowledged."),
                lines("Refused", Unit.PER_SECOND, "Attempts that failed, events parked, events given up.")
                        .query(Panels.rateOf(Meters.FAILED, "relay"), "{{relay}} failed")
                        .query(Panels.rateOf(Meters.PARKED, "relay"), "{{relay}} parked")
                        .query(Panels.rateOf(Meters.DEAD, "relay"), "{{relay}} given up"),
                Panels.duration(
                        "The broker",
                        Meters.PUBLISH,
                        "relay",
                        "From handing an event over until the broker has acknowledged it."),
                Panels.duration(
                        "Delivery",
                        Meters.DELIVERY,
                        "relay",
                        "From the time in an event's identifier until the broker has acknowledged it, by two"
                                + " clocks."),
                lines("Shards", Unit.NUMBER, "How many of the 64 each instance has.")
                        .query("sum by (relay, instance) (" + Meters.SHARDS + "{$here})", "{{relay}} {{instance}}"),
                lines("Under way", Unit.NUMBER, "Events that are read and not yet acknowledged.")
                        .query("sum by (relay, instance) (" + Meters.UNDER_WAY + "{$here})", "{{relay}} {{instance}}"),
                lines("Broker away", Unit.YES_NO, "Whether the broker cannot be reached.")
                        .query("max by (relay) (" + Meters.BROKER_DOWN + "{$here})", "{{relay}}"),
                Panels.rate(
                        "Too late",
                        Meters.REJECTED,
                        "relay",
                        "Batches that were acknowledged when others had the shards: a pause longer than the"
                                + " lease, or a failover. Their events may be published twice."));
    }
}
