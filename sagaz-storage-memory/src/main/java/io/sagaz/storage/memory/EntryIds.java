package io.sagaz.storage.memory;

import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Identifiers of audit entries: UUIDs of version 7 that ascend within a millisecond, whatever a clock that tests set says in
 * between. Guarded by whoever has it.
 */
final class EntryIds {
    private static final int RANDOM_BITS = 30;

    private long number;

    UUID next(Instant time) {
        long low = ++number << RANDOM_BITS | ThreadLocalRandom.current().nextInt(1 << RANDOM_BITS);
        return new UUID(time.toEpochMilli() << 16 | 0x7000, low | 0x8000000000000000L);
    }
}
