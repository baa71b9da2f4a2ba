package io.sagaz.cli.look;

import io.sagaz.cli.connect.Deployment;
import io.sagaz.cli.connect.Way;
import io.sagaz.cli.look.Look.Data;
import io.sagaz.cli.look.PoolerLook.Serves;
import io.sagaz.migrations.PartitionMaintenance;
import io.sagaz.migrations.SagazMigrations;
import io.sagaz.migrations.SchemaStatus;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.postgres.RoutingSagaStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers what can be found out about a deployment. Changes nothing. Blocks for as long as servers need to answer. */
public final class Looking {
    private final Deployment deployment;
    private final Clock clock;
    private final Servers servers;
    private final Consoles consoles;

    /**
     * At a deployment.
     *
     * @param clock of this host, which is held against those of the servers
     */
    public Looking(Deployment deployment, Clock clock) {
        this.deployment = deployment;
        this.clock = clock;
        servers = new Servers(deployment.login(), clock);
        consoles = new Consoles(deployment.consoleLogin());
    }

    /** Looks at the servers, the poolers and the database. */
    public Look atAll() {
        // First, so that what we ask of servers waits in no pool that we then find exhausted, nor adds to it.
        List<PoolerLook> poolers = poolers();
        List<ServerLook> ways = ways();
        return new Look(
                clock.instant(), ways, poolers, Optional.of(data(ways.get(0).state())));
    }

    /** Looks at the poolers alone. */
    public List<PoolerLook> poolers() {
        return deployment.consoles().stream()
                .map(way -> new PoolerLook(way, serves(way), consoles.ask(way)))
                .toList();
    }

    /** The nearest way to the primary first: what replicas have replayed is then held against what it had written before. */
    private List<ServerLook> ways() {
        List<ServerLook> ways = new ArrayList<>();
        deployment.primary().ifPresent(way -> ways.add(servers.look(Look.PRIMARY, way)));
        deployment.rw().ifPresent(way -> ways.add(servers.look(Look.RW, way)));
        for (int i = 0; i < deployment.replicas().size(); i++) {
            ways.add(servers.look(Look.REPLICA + (i + 1), deployment.replicas().get(i)));
        }
        deployment.ro().ifPresent(way -> ways.add(servers.look(Look.RO, way)));
        return ways;
    }

    private Serves serves(Way console) {
        if (isAt(console, deployment.rw())) {
            return Serves.WRITES;
        }
        return isAt(console, deployment.ro()) ? Serves.READS : Serves.UNKNOWN;
    }

    private static boolean isAt(Way console, Optional<Way> way) {
        return way.filter(other -> other.address().equals(console.address())).isPresent();
    }

    /** Asked by the way to the primary that was looked at first; who is refused there is not refused again and again. */
    private Data data(Fact<ServerState> primary) {
        boolean refused = primary.unknown().flatMap(Fact.Unknown::remedy).isPresent();
        Fact<SchemaStatus> schema = refused
                ? primary.then("the schema", state -> new Fact.Unknown<>("the schema", "not asked"))
                : Fact.of("the schema", SagazMigrations.of(deployment.migrations())::status);
        Fact<SchemaStatus> usable = schema.then(
                "the schema",
                status -> status.isUsable()
                        ? schema
                        : new Fact.Unknown<>("the schema", "the schema and this library do not fit"));
        PartitionMaintenance maintenance = PartitionMaintenance.of(deployment.migrations());
        Fact<RoutingSagaStore> opened = usable.then("a store", status -> Fact.of("a store", deployment::openStore));
        try {
            return new Data(
                    schema,
                    usable.then("the partitions", s -> Fact.of("the partitions", maintenance::statistics)),
                    usable.then(
                            "how partitions are kept", s -> Fact.of("how partitions are kept", maintenance::settings)),
                    usable.then(
                            "what is to do about partitions",
                            s -> Fact.of("what is to do about partitions", maintenance::dryRun)),
                    opened.then(
                            "the sizes of partitions",
                            store -> Fact.of(
                                    "the sizes of partitions",
                                    () -> store.statistics(ReadConsistency.strong())
                                            .partitions()
                                            .value())),
                    opened.then(
                            "how far relays are",
                            store -> Fact.of(
                                    "how far relays are",
                                    () -> store.outbox(ReadConsistency.strong())
                                            .depth()
                                            .value())),
                    opened.then(
                            "the relays",
                            store -> Fact.of(
                                    "the relays", () -> store.outboxAdmin().relays())),
                    opened.then(
                            "who holds vacuum back",
                            store -> Fact.of(
                                    "who holds vacuum back",
                                    () -> store.outboxLog().vacuumHorizon())));
        } finally {
            opened.known().ifPresent(RoutingSagaStore::close);
        }
    }
}
