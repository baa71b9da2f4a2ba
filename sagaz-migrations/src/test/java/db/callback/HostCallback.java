package db.callback;

import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/** A callback of a host application, at the place where Flyway looks for them unasked. */
public final class HostCallback implements Callback {
    public static final AtomicInteger CALLS = new AtomicInteger();

    @Override
    public boolean supports(Event event, Context context) {
        CALLS.incrementAndGet();
        return false;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        throw new IllegalStateException("supports nothing");
    }

    @Override
    public String getCallbackName() {
        return "host";
    }
}
