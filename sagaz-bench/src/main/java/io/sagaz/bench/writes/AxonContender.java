package io.sagaz.bench.writes;

import io.sagaz.bench.load.Call;
import io.sagaz.bench.load.Order;
import io.sagaz.storage.SagaId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import javax.sql.DataSource;
import org.axonframework.common.jdbc.ConnectionProvider;
import org.axonframework.common.jdbc.UnitOfWorkAwareConnectionProviderWrapper;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.modelling.saga.AssociationValue;
import org.axonframework.modelling.saga.AssociationValuesImpl;
import org.axonframework.modelling.saga.repository.jdbc.JdbcSagaStore;
import org.axonframework.modelling.saga.repository.jdbc.PostgresSagaSqlSchema;
import org.axonframework.serialization.json.JacksonSerializer;

/** Axon's {@code JdbcSagaStore}, each call in a unit of work that is a transaction: a serialized saga and an association. */
final class AxonContender implements Contender {
    private final JdbcSagaStore store;

    AxonContender(DataSource pool) {
        ConnectionProvider transactional = () -> {
            Connection connection = pool.getConnection();
            connection.setAutoCommit(false);
            return connection;
        };
        store = JdbcSagaStore.builder()
                .connectionProvider(new UnitOfWorkAwareConnectionProviderWrapper(transactional))
                .sqlSchema(new PostgresSagaSqlSchema())
                .serializer(JacksonSerializer.defaultSerializer())
                .build();
    }

    /**
     * The saga, which Axon keeps as one document.
     *
     * @param context its data
     * @param done how many steps have succeeded
     * @param output of the last of them
     */
    record OrderSaga(String context, int done, String output) {
        static final OrderSaga BEGUN = new OrderSaga(Order.CONTEXT, 0, "");

        OrderSaga next() {
            return new OrderSaga(context, done + 1, Order.OUTPUT);
        }
    }

    /** Makes its tables; the pool is the owner's. */
    static void createTables(DataSource pool) throws SQLException {
        AxonContender contender = new AxonContender(pool);
        DefaultUnitOfWork<?> work = begin();
        contender.store.createSchema();
        work.commit();
    }

    @Override
    public Call caller(Workload workload) {
        return switch (workload) {
            case NEW_SAGA ->
                () -> {
                    insert();
                    return true;
                };
            case STEP -> new Updates(insert());
            case WHOLE -> this::whole;
            case UNENDED -> throw new IllegalArgumentException("Not compared: " + workload);
        };
    }

    /** Has steps of one saga succeed, for ever. */
    private final class Updates implements Call {
        private final String id;
        private OrderSaga saga = OrderSaga.BEGUN;

        Updates(String id) {
            this.id = id;
        }

        @Override
        public boolean make() {
            saga = saga.next();
            update(id, saga);
            return true;
        }
    }

    private boolean whole() {
        String id = insert();
        OrderSaga saga = OrderSaga.BEGUN;
        for (int step = 0; step < Order.STEPS.size() - 1; step++) {
            saga = saga.next();
            update(id, saga);
        }
        delete(id);
        return true;
    }

    private String insert() {
        String id = SagaId.next().toString();
        DefaultUnitOfWork<?> work = begin();
        store.insertSaga(OrderSaga.class, id, OrderSaga.BEGUN, Set.of(association(id)));
        work.commit();
        return id;
    }

    private void update(String id, OrderSaga saga) {
        DefaultUnitOfWork<?> work = begin();
        store.updateSaga(OrderSaga.class, id, saga, new AssociationValuesImpl(Set.of(association(id))));
        work.commit();
    }

    private void delete(String id) {
        DefaultUnitOfWork<?> work = begin();
        store.deleteSaga(OrderSaga.class, id, Set.of(association(id)));
        work.commit();
    }

    private static AssociationValue association(String id) {
        return new AssociationValue("order", id);
    }

    private static DefaultUnitOfWork<?> begin() {
        return DefaultUnitOfWork.startAndGet(new GenericMessage<>(Order.NAME));
    }
}
