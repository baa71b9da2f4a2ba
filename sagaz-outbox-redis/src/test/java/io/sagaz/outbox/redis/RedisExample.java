package io.sagaz.outbox.redis;

import io.lettuce.core.RedisURI;

/** A publisher for docs/outbox/publishers.md: what stands between the two marks stands there. */
final class RedisExample {
    private RedisExample() {}

    static RedisStreamPublisher publisher(String uri) {
        // begin
        RedisURI address = RedisURI.create(uri); // rediss://user:password@redis:6379
        RedisStreamPublisher publisher = RedisStreamPublisher.builder(address)
                .source("/orders")
                .trimToAbout(1_000_000) // left out: streams are not cut
                .build();
        // end
        return publisher;
    }
}
