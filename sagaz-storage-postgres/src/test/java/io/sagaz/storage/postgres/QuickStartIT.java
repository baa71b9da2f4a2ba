package io.sagaz.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagaz.testkit.Topology;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class QuickStartIT {
    @Test
    void runs() throws SQLException {
        try (Topology topology = Topology.builder().start()) {
            try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                    PreparedStatement table = owner.prepareStatement("CREATE TABLE reservations (n int)")) {
                table.execute();
            }
            var counts = QuickStart.run(
                    PoolConfig.of(
                            topology.rwUrl(),
                            topology.app().user(),
                            topology.app().password()),
                    PoolConfig.of(
                            topology.roUrl(),
                            topology.reader().user(),
                            topology.reader().password()),
                    PoolConfig.of(
                            topology.primaryUrl(),
                            topology.owner().user(),
                            topology.owner().password()));
            assertThat(counts.receipt().staleness()).isPresent();
            try (Connection owner = topology.connect(topology.primaryUrl(), topology.owner());
                    PreparedStatement query = owner.prepareStatement("SELECT (SELECT count(*) FROM reservations),"
                            + " (SELECT count(*) FROM saga_executions WHERE status = 'SUCCESS'),"
                            + " (SELECT count(*) FROM saga_outbox)");
                    ResultSet row = query.executeQuery()) {
                row.next();
                assertThat(row.getInt(1) + " " + row.getInt(2) + " " + row.getInt(3))
                        .isEqualTo("1 1 1");
            }
        }
    }

    @Test
    void theReadmeShowsThisVeryCode() throws IOException {
        assertThat(Sample.page("README.md")).contains(Sample.of(QuickStart.class));
    }
}
