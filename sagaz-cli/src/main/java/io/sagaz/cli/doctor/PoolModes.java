package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.PoolerLook;
import io.sagaz.cli.look.PoolerState;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** PgBouncer-RW pools transactions, PgBouncer-RO sessions. */
final class PoolModes implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.poolers().stream()
                .flatMap(pooler -> pooler.state().known().stream().flatMap(state -> judge(pooler, state)));
    }

    private static Stream<Finding> judge(PoolerLook pooler, PoolerState state) {
        String subject = pooler.name() + " at " + pooler.way().address();
        Stream<Finding> modes = switch (pooler.serves()) {
            case UNKNOWN ->
                Stream.of(new Finding(
                        Id.POOL_ROLE_UNKNOWN,
                        Severity.UNKNOWN,
                        subject,
                        "Its address is neither that of --rw-url nor that of --ro-url",
                        "Whether it pools in the right mode cannot be told.",
                        "Give its console and the way through it by the same host and port."));
            case WRITES -> wrong(state, "transaction").map(mode -> writes(subject, mode));
            case READS -> wrong(state, "session").map(mode -> reads(subject, mode));
        };
        return Stream.concat(modes, preparedStatements(subject, state));
    }

    private static Stream<String> wrong(PoolerState state, String right) {
        return modes(state).stream().filter(mode -> !mode.equals(right));
    }

    private static Set<String> modes(PoolerState state) {
        return state.databases().stream()
                .filter(database -> !database.name().equals("*"))
                .map(state::mode)
                .collect(Collectors.toSet());
    }

    private static Finding writes(String subject, String mode) {
        boolean statement = mode.equals("statement");
        return new Finding(
                Id.POOL_MODE,
                statement ? Severity.CRITICAL : Severity.WARNING,
                subject,
                "It pools in mode " + mode + ", not transaction",
                statement
                        ? "Transactions are refused."
                        : "Each connection of a service takes one of the server for itself: the pool is full with as many"
                                + " clients as it has connections.",
                "pool_mode = transaction, for this pooler or the database.");
    }

    private static Finding reads(String subject, String mode) {
        return new Finding(
                Id.POOL_MODE,
                Severity.CRITICAL,
                subject,
                "It pools in mode " + mode + ", not session",
                "A store asks a replica how fresh it is and then reads; both must reach the same one. It refuses to start.",
                "pool_mode = session, for this pooler or the database.");
    }

    private static Stream<Finding> preparedStatements(String subject, PoolerState state) {
        boolean pooled = state.databases().stream().map(state::mode).anyMatch("transaction"::equals);
        boolean none =
                state.settings().getOrDefault("max_prepared_statements", "").equals("0");
        if (!pooled || !none || !state.version().isAtLeast(1, 21)) {
            return Stream.empty();
        }
        return Stream.of(new Finding(
                Id.POOL_PREPARED_STATEMENTS,
                Severity.WARNING,
                subject,
                "max_prepared_statements is 0 (PgBouncer " + state.version() + ")",
                "A statement that one client has prepared may run for another: errors, or rows in the wrong table. Sagaz"
                        + " prepares none on this way; other clients of the pool may.",
                "max_prepared_statements = 200."));
    }
}
