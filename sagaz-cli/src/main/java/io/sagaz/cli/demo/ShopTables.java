package io.sagaz.cli.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The shop's own tables, in the same database as the sagas, and what each milestone does to them: one statement each.
 *
 * <p>Payments have no unique key on purpose: a step that is done twice shows as a customer who paid twice.
 */
final class ShopTables {
    private static final String CREATE = """
            CREATE TABLE %1$s.demo_orders (
                order_no bigint PRIMARY KEY,
                saga_id uuid NOT NULL,
                status text NOT NULL,
                cents bigint NOT NULL,
                placed_at timestamptz NOT NULL DEFAULT now()
            ) WITH (fillfactor = 70);
            CREATE TABLE %1$s.demo_order_lines (
                order_no bigint NOT NULL,
                line_no int NOT NULL,
                goods text NOT NULL,
                quantity int NOT NULL,
                reserved boolean NOT NULL,
                PRIMARY KEY (order_no, line_no)
            ) WITH (fillfactor = 70);
            CREATE TABLE %1$s.demo_payments (
                payment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                order_no bigint NOT NULL,
                kind text NOT NULL CHECK (kind IN ('charge', 'refund')),
                cents bigint NOT NULL
            );
            """;

    private static final String PLACE = """
            WITH placed AS (
                INSERT INTO %1$s.demo_orders (order_no, saga_id, status, cents) VALUES (?, ?, ?, ?)
                RETURNING order_no
            )
            INSERT INTO %1$s.demo_order_lines (order_no, line_no, goods, quantity, reserved)
            SELECT placed.order_no, line.line_no, line.goods, line.quantity, false
              FROM placed, unnest(?::text[], ?::int[]) WITH ORDINALITY AS line (goods, quantity, line_no)
            """;

    private static final String MOVE = "UPDATE %1$s.demo_orders SET status = ? WHERE order_no = ?";

    private static final String MOVE_AND_RESERVE = """
            WITH moved AS (UPDATE %1$s.demo_orders SET status = ? WHERE order_no = ? RETURNING order_no)
            UPDATE %1$s.demo_order_lines SET reserved = ? FROM moved WHERE demo_order_lines.order_no = moved.order_no
            """;

    private static final String MOVE_AND_PAY = """
            WITH moved AS (UPDATE %1$s.demo_orders SET status = ? WHERE order_no = ? RETURNING order_no, cents)
            INSERT INTO %1$s.demo_payments (order_no, kind, cents) SELECT order_no, ?, cents FROM moved
            """;

    private final String schema;
    private final List<String> roles;

    /** In this schema; roles that do not have the rights by default are given them: first the one that writes. */
    ShopTables(String schema, String... roles) {
        this.schema = schema;
        this.roles = List.of(roles);
    }

    /** Creates the tables. */
    void create(Connection owner) throws SQLException {
        try (Statement statement = owner.createStatement()) {
            statement.execute(CREATE.formatted(schema));
            for (String role : roles) {
                statement.execute(
                        "GRANT SELECT, INSERT, UPDATE ON %1$s.demo_orders, %1$s.demo_order_lines, %1$s.demo_payments TO %2$s"
                                .formatted(schema, role));
            }
        }
    }

    /** Does what this milestone does to the shop's rows, as a part of the caller's transaction. */
    void carryOut(Connection connection, Order order, Milestone milestone) throws SQLException {
        switch (milestone) {
            case PLACED -> place(connection, order);
            case RESERVED -> move(connection, MOVE_AND_RESERVE, order, milestone, true);
            case CANCELLED -> move(connection, MOVE_AND_RESERVE, order, milestone, false);
            case CHARGED -> move(connection, MOVE_AND_PAY, order, milestone, PaymentKind.CHARGE.sql());
            case REFUNDED -> move(connection, MOVE_AND_PAY, order, milestone, PaymentKind.REFUND.sql());
            case DECLINED, UNSHIPPABLE, SHIPPED -> move(connection, MOVE, order, milestone);
        }
    }

    private void place(Connection connection, Order order) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PLACE.formatted(schema))) {
            statement.setLong(1, order.number());
            statement.setObject(2, order.sagaId().value());
            statement.setString(3, Milestone.PLACED.name());
            statement.setLong(4, order.cents());
            statement.setArray(
                    5,
                    connection.createArrayOf(
                            "text",
                            order.lines().stream().map(Order.Line::goods).toArray()));
            statement.setArray(
                    6,
                    connection.createArrayOf(
                            "int",
                            order.lines().stream().map(Order.Line::quantity).toArray()));
            requireRows(statement.executeUpdate(), order.lines().size(), order);
        }
    }

    private void move(Connection connection, String sql, Order order, Milestone milestone, Object... more)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql.formatted(schema))) {
            statement.setString(1, milestone.name());
            statement.setLong(2, order.number());
            for (int i = 0; i < more.length; i++) {
                statement.setObject(3 + i, more[i]);
            }
            int rows = sql.equals(MOVE_AND_RESERVE) ? order.lines().size() : 1;
            requireRows(statement.executeUpdate(), rows, order);
        }
    }

    private static void requireRows(int changed, int expected, Order order) {
        if (changed != expected) {
            throw new IllegalStateException(
                    "Order " + order.number() + ": " + changed + " rows were changed instead of " + expected);
        }
    }
}
