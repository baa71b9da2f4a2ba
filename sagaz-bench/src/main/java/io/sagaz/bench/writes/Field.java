package io.sagaz.bench.writes;

import com.zaxxer.hikari.HikariDataSource;
import io.sagaz.bench.Stage;
import io.sagaz.bench.load.Pools;
import java.util.EnumMap;
import java.util.Map;

/** All contenders on one {@link Way}, with their connections. Closed at the end. */
final class Field implements AutoCloseable {
    private final HikariDataSource shared;
    private final Map<Entrant, Contender> contenders = new EnumMap<>(Entrant.class);

    /** Opens the pools, each with so many connections. */
    Field(Stage stage, Stock stock, Way way, int connections) {
        shared = Pools.open(way.login(stage), connections);
        contenders.put(Entrant.SAGAZ, new SagazContender(way.login(stage), connections, stock));
        contenders.put(Entrant.BY_HAND, new HandWrittenContender(shared, stock));
        contenders.put(Entrant.TRANSACTION_OUTBOX, new TransactionOutboxContender(shared, stock));
        contenders.put(Entrant.AXON, new AxonContender(shared));
        contenders.put(Entrant.DBOS, new DbosContender(way.login(stage), connections));
    }

    Contender contender(Entrant entrant) {
        Contender contender = contenders.get(entrant);
        if (contender == null) {
            throw new IllegalArgumentException(entrant + " is not in the field");
        }
        return contender;
    }

    @Override
    public void close() {
        contenders.values().forEach(Contender::close);
        shared.close();
    }
}
