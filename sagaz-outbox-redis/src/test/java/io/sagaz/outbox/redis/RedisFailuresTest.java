package io.sagaz.outbox.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisReadOnlyException;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisFailuresTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "OOM command not allowed when used memory > 'maxmemory'.",
                "READONLY You can't write against a read only replica.",
                "LOADING Redis is loading the dataset in memory",
                "MISCONF Redis is configured to save RDB snapshots",
                "NOREPLICAS Not enough good replicas to write.",
                "NOAUTH Authentication required.",
                "WRONGPASS invalid username-password pair",
                "BUSY Redis is busy running a script.",
                "MASTERDOWN Link with MASTER is down",
                "CLUSTERDOWN The cluster is down",
                "TRYAGAIN Multiple keys request during rehashing of slot"
            })
    void anErrorOfTheServerIsNotTheEventsFault(String error) {
        assertThat(RedisFailures.isOfTheEvent(new RedisCommandExecutionException(error)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "WRONGTYPE Operation against a key holding the wrong kind of value",
                "NOPERM No permissions to access a key",
                "ERR wrong number of arguments for 'xadd' command",
                "ERR"
            })
    void anErrorOfTheStreamOrTheEntryIsTheEvents(String error) {
        assertThat(RedisFailures.isOfTheEvent(new RedisCommandExecutionException(error)))
                .isTrue();
    }

    @Test
    void theClientsOwnNamesForThemAreUnderstoodToo() {
        assertThat(RedisFailures.isOfTheEvent(new RedisLoadingException("LOADING Redis is loading")))
                .isFalse();
        assertThat(RedisFailures.isOfTheEvent(new RedisReadOnlyException("READONLY You can't write")))
                .isFalse();
    }

    @Test
    void whatIsNoErrorOfTheServerIsNotTheEventsFault() {
        assertThat(RedisFailures.isOfTheEvent(new RedisConnectionException("refused")))
                .isFalse();
        assertThat(RedisFailures.isOfTheEvent(new RedisException("disconnected")))
                .isFalse();
        assertThat(RedisFailures.isOfTheEvent(new CancellationException())).isFalse();
    }

    @Test
    void aReplicaIsLeft() {
        assertThat(RedisFailures.endsTheConnection(new RedisCommandExecutionException("READONLY You can't write")))
                .isTrue();
        assertThat(RedisFailures.endsTheConnection(new RedisCommandExecutionException("OOM command not allowed")))
                .isFalse();
    }
}
