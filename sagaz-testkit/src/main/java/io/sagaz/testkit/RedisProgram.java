package io.sagaz.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A Redis that keeps what it was told across a crash of its process.
 *
 * @param path the program
 */
record RedisProgram(Path path) implements BrokerProgram {
    static final String CONFIGURATION = "redis.conf";
    static final PackageManager.Wanted PACKAGE =
            new PackageManager.Wanted("Redis", "redis-server", "redis", Settings.REDIS);

    static Optional<RedisProgram> search() {
        return PackageManager.places("redis-server")
                .flatMap(path -> of(path).stream())
                .findFirst();
    }

    static Optional<RedisProgram> of(Path path) {
        return Files.isExecutable(path) ? Optional.of(new RedisProgram(path)) : Optional.empty();
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public int ports() {
        return 1;
    }

    @Override
    public void prepare(Path directory, List<Integer> ports, Children children) throws IOException {
        // Its title stays as it was started, so that a later test finds one that was left behind.
        Files.writeString(directory.resolve(CONFIGURATION), """
                bind 127.0.0.1
                port %d
                dir "%s"
                appendonly yes
                save ""
                daemonize no
                set-proc-title no
                """.formatted(ports.get(0), directory));
    }

    @Override
    public Children.Program program(Path directory, List<Integer> ports) {
        return new Children.Program(
                name(),
                "the broker of a test",
                1,
                "TERM",
                List.of(path.toString(), directory.resolve(CONFIGURATION).toString()),
                directory.resolve("redis.log"));
    }

    @Override
    public byte[] question() {
        return "PING\r\n".getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] answer() {
        return "+PONG".getBytes(StandardCharsets.US_ASCII);
    }
}
