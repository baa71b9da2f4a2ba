package io.sagaz.bench.writes;

import io.sagaz.bench.load.Call;
import io.sagaz.bench.writes.Stock.Turn;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes sagas from the stock and has all three steps of one succeed before it takes the next. */
final class StepCall implements Call {
    private final Stock stock;
    private final Step step;
    private @Nullable Turn last;

    StepCall(Stock stock, Step step) {
        this.stock = stock;
        this.step = step;
    }

    /** Has a step succeed. */
    @FunctionalInterface
    interface Step {
        void succeed(Turn turn) throws SQLException;
    }

    @Override
    public boolean make() throws SQLException {
        Optional<Turn> next = last == null ? stock.first() : stock.after(last);
        if (next.isEmpty()) {
            return false;
        }
        step.succeed(next.get());
        last = next.get();
        return true;
    }
}
