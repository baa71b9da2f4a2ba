package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.ServerState;
import java.util.List;
import java.util.stream.Stream;

/** The servers have settings with which nothing is lost and nothing fills up. */
final class ServerSettings implements Check {
    /** A setting, a value that it should not have, and what is to be said of it. */
    private record Rule(Id id, Severity severity, String setting, String bad, String why, String remedy) {}

    private static final List<Rule> OF_ALL = List.of(
            new Rule(
                    Id.SETTING_FSYNC,
                    Severity.CRITICAL,
                    "fsync",
                    "off",
                    "A crash of the machine leaves a broken database.",
                    "fsync = on, then SELECT pg_reload_conf()."),
            new Rule(
                    Id.SETTING_FULL_PAGE_WRITES,
                    Severity.CRITICAL,
                    "full_page_writes",
                    "off",
                    "A crash of the machine in the middle of a write leaves broken pages.",
                    "full_page_writes = on, then SELECT pg_reload_conf()."));

    private static final List<Rule> OF_THE_LEADER = List.of(
            new Rule(
                    Id.SETTING_SYNCHRONOUS_COMMIT,
                    Severity.WARNING,
                    "synchronous_commit",
                    "off",
                    "A crash loses what was acknowledged a moment before. The writes of a store ask for it to be on by"
                            + " themselves; the rows of others do not.",
                    "synchronous_commit = on, for the server and this role."),
            new Rule(
                    Id.SETTING_WAL_LEVEL,
                    Severity.CRITICAL,
                    "wal_level",
                    "minimal",
                    "Nothing can be replicated, and no base backup be made.",
                    "wal_level = replica, max_wal_senders above 0, and a restart."),
            new Rule(
                    Id.SETTING_AUTOVACUUM,
                    Severity.WARNING,
                    "autovacuum",
                    "off",
                    "Dead rows stay, statistics grow old, and in the end the server stops to take writes.",
                    "autovacuum = on, then SELECT pg_reload_conf()."),
            new Rule(
                    Id.SETTING_IDLE_IN_TRANSACTION,
                    Severity.WARNING,
                    "idle_in_transaction_session_timeout",
                    "0",
                    "A client that forgets its transaction keeps locks, a place in the pool and dead rows for ever.",
                    "idle_in_transaction_session_timeout = '5min', for the server or its roles."));

    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        Stream<Finding> everywhere = look.states().flatMap(state -> broken(state, OF_ALL));
        Stream<Finding> ofLeader = look.leader().stream()
                .flatMap(leader -> Stream.concat(broken(leader, OF_THE_LEADER), unlimited(leader)));
        return Stream.concat(everywhere, ofLeader);
    }

    private static Stream<Finding> broken(ServerState state, List<Rule> rules) {
        return rules.stream()
                .filter(rule ->
                        state.setting(rule.setting()).filter(rule.bad()::equals).isPresent())
                .map(rule -> new Finding(
                        rule.id(),
                        rule.severity(),
                        state.address(),
                        rule.setting() + " is " + rule.bad(),
                        rule.why(),
                        rule.remedy()));
    }

    private static Stream<Finding> unlimited(ServerState leader) {
        boolean slots = leader.slots().known().filter(all -> !all.isEmpty()).isPresent();
        boolean unlimited =
                leader.setting("max_slot_wal_keep_size").filter("-1"::equals).isPresent();
        return !slots || !unlimited
                ? Stream.empty()
                : Stream.of(new Finding(
                        Id.SETTING_SLOT_WAL_UNLIMITED,
                        Severity.WARNING,
                        leader.address(),
                        "max_slot_wal_keep_size is -1, and there are replication slots",
                        "When a replica is gone its slot keeps log until the disk is full and writes stop.",
                        "max_slot_wal_keep_size = a part of the disk, such as '20GB', then SELECT pg_reload_conf(). A"
                                + " replica that is away for longer must then be made anew."));
    }
}
