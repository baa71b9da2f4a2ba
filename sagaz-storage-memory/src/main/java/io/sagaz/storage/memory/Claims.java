package io.sagaz.storage.memory;

import io.sagaz.storage.ClaimRequest;
import io.sagaz.storage.Saga;
import io.sagaz.storage.SagaSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Which sagas a worker gets. */
final class Claims {
    private Claims() {}

    static boolean isAbandoned(SagaSummary saga, ClaimRequest request, Instant now) {
        if (saga.status().isFinished()
                || !(request.names().isEmpty() || request.names().contains(saga.name()))) {
            return false;
        }
        Instant since = saga.leasedUntil().orElseGet(() -> saga.updatedAt().plus(request.idleFor()));
        return !since.isAfter(now);
    }

    /**
     * Round by round each name gets its share of what is still wanted. Names take turns in no particular order, or the last ones
     * would never have one when the limit is less than their number.
     *
     * @param abandoned of each name, the oldest first
     */
    static List<Saga> shared(Map<String, List<Saga>> abandoned, int limit) {
        List<List<Saga>> left = new ArrayList<>(abandoned.values());
        List<Saga> chosen = new ArrayList<>();
        while (chosen.size() < limit && !left.isEmpty()) {
            int share = Math.max(1, (limit - chosen.size()) / left.size());
            Collections.shuffle(left);
            List<List<Saga>> more = new ArrayList<>();
            for (List<Saga> sagas : left) {
                int taken = Math.min(sagas.size(), Math.min(share, limit - chosen.size()));
                chosen.addAll(sagas.subList(0, taken));
                if (taken < sagas.size()) {
                    more.add(sagas.subList(taken, sagas.size()));
                }
            }
            left = more;
        }
        return chosen;
    }
}
