package io.sagaz.storage.postgres;

import io.sagaz.storage.InboxDelivery;
import io.sagaz.storage.InboxResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/** A consumer with transactions of its own, for docs/outbox/inbox.md: what stands between the two marks stands there. */
final class InboxJoinExample {
    private InboxJoinExample() {}

    static InboxResult run(ConsumerInbox inbox, DataSource dataSource, InboxDelivery delivery) throws SQLException {
        // begin
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                InboxResult result = inbox.process(connection, delivery, tx -> {
                    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO invoices VALUES ('7')")) {
                        insert.executeUpdate();
                    }
                    return Optional.empty();
                });
                connection.commit(); // your rows and the note that the event was handled
                return result;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
        // end
    }
}
