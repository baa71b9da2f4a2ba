package com.example.shop;

import io.sagaz.storage.ChangeResult;
import io.sagaz.storage.NewSaga;
import io.sagaz.storage.OutboxEvent;
import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaId;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.SagaWrites;
import io.sagaz.storage.StepStatus;
import io.sagaz.storage.postgres.RoutingSagaStore;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;

/** Orders, each of which is a row of our own, a saga and its events, in Spring's transactions. */
@Service
public class Orders {
    private final RoutingSagaStore store;
    private final DataSource dataSource;
    private final JdbcTemplate jdbc;

    Orders(RoutingSagaStore store, DataSource dataSource, JdbcTemplate jdbc) {
        this.store = store;
        this.dataSource = dataSource;
        this.jdbc = jdbc;
    }

    /** Takes an order: its saga, its event and its row are there together, or not at all. */
    @Transactional
    public SagaId place(String number, int cents) {
        SagaId id = sagas().start(NewSaga.named("order")
                        .idempotencyKey(number)
                        .steps("charge", "ship")
                        .emit(event(number, "placed")))
                .id();
        jdbc.update("INSERT INTO orders (number, cents) VALUES (?, ?)", number, cents);
        return id;
    }

    /**
     * Notes that the customer was charged.
     *
     * @param version the version of the saga that this was decided on
     * @return whether it applied; if somebody else was faster, it did not, and nothing was written
     */
    @Transactional
    public boolean charged(SagaId id, long version, String number) {
        jdbc.update("UPDATE orders SET charged = true WHERE number = ?", number);
        ChangeResult result = sagas().apply(
                        id,
                        version,
                        SagaChange.to(SagaStatus.RUNNING)
                                .andStep("charge", StepStatus.SUCCESS)
                                .emit(event(number, "charged")));
        boolean applied = result instanceof ChangeResult.Applied;
        if (!applied) {
            TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
        }
        return applied;
    }

    /** Writes on the connection of Spring's transaction, which commits it, or rolls it back, with all else. */
    private SagaWrites sagas() {
        return store.join(DataSourceUtils.getConnection(dataSource));
    }

    private static OutboxEvent event(String number, String what) {
        return OutboxEvent.to("orders").key(number).type(what).json("{\"order\": \"" + number + "\"}");
    }
}
