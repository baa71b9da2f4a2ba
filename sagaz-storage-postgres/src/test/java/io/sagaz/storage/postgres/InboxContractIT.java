package io.sagaz.storage.postgres;

import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import io.sagaz.storage.contract.InboxContract;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The inbox keeps the contract, in transactions of the store and in those of the caller. */
class InboxContractIT {
    private static final String SCHEMA = Stand.newSchemaWith("effects (n text)");
    private static RoutingSagaStore store;

    @BeforeAll
    static void open() {
        store = Stand.builder(SCHEMA).build();
    }

    @AfterAll
    static void close() {
        store.close();
    }

    @Nested
    class InATransactionOfTheStore extends InboxContract {
        @Override
        protected InboxResult process(String consumer, InboxDelivery delivery, Handler handler) throws Exception {
            return store.inbox(consumer)
                    .process(delivery, tx -> handler.handle(effect -> keep(tx.connection(), effect)));
        }

        @Override
        protected List<String> effects() throws SQLException {
            return kept();
        }
    }

    @Nested
    class InATransactionOfTheCaller extends InboxContract {
        @Override
        protected InboxResult process(String consumer, InboxDelivery delivery, Handler handler) throws Exception {
            try (Connection connection = Stand.topology()
                    .connect(Stand.topology().rwUrl(), Stand.topology().app())) {
                connection.setAutoCommit(false);
                InboxResult result = store.inbox(consumer)
                        .process(connection, delivery, tx -> handler.handle(effect -> keep(connection, effect)));
                connection.commit();
                return result;
            }
        }

        @Override
        protected List<String> effects() throws SQLException {
            return kept();
        }
    }

    private static void keep(Connection connection, String effect) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + SCHEMA + ".effects VALUES (?)")) {
            insert.setString(1, effect);
            insert.executeUpdate();
        }
    }

    private static List<String> kept() throws SQLException {
        return Stand.texts("SELECT n FROM " + SCHEMA + ".effects");
    }
}
