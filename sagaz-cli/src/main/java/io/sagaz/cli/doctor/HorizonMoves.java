package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.term.Figures;
import io.sagaz.storage.log.VacuumHorizon.Holder;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Nobody keeps dead rows for long. */
final class HorizonMoves implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.data().stream()
                .flatMap(data -> data.horizon().known().stream())
                .flatMap(horizon -> horizon.holders().stream())
                .filter(holder -> isLong(holder, look.at(), limits))
                .map(holder -> finding(holder, look.at()));
    }

    private static boolean isLong(Holder holder, Instant now, Limits limits) {
        return holder.transactions() >= limits.heldTransactions()
                || age(holder, now)
                        .filter(age -> age.compareTo(limits.heldFor()) >= 0)
                        .isPresent();
    }

    private static Optional<Duration> age(Holder holder, Instant now) {
        return holder.since().map(since -> Duration.between(since, now));
    }

    private static Finding finding(Holder holder, Instant now) {
        return new Finding(
                Id.HORIZON_HELD,
                Severity.WARNING,
                holder.kind().name().toLowerCase(Locale.ROOT) + " " + holder.name(),
                "It looks back " + Figures.count(holder.transactions()) + " transactions"
                        + age(holder, now)
                                .map(age -> ", since " + Figures.age(age))
                                .orElse(""),
                "No dead row that is younger can be removed, in any table: they grow, and queries slow down. (The log of"
                        + " the outbox does not mind.)",
                remedy(holder));
    }

    private static String remedy(Holder holder) {
        return switch (holder.kind()) {
            case SESSION ->
                "End its transaction: SELECT pg_terminate_backend(…) with that pid; and set"
                        + " idle_in_transaction_session_timeout.";
            case STANDBY ->
                "End the query that runs so long on that standby; or let replicas cancel such queries: hot_standby_feedback"
                        + " = off with max_standby_streaming_delay.";
            case SLOT ->
                "If it is that of a standby, end the query that runs so long there (hot_standby_feedback tells of it here). Else"
                        + " bring back who reads from it; if that is gone for good: SELECT pg_drop_replication_slot('"
                        + holder.name() + "').";
            case PREPARED -> "COMMIT PREPARED or ROLLBACK PREPARED '" + holder.name() + "', in its database.";
        };
    }
}
