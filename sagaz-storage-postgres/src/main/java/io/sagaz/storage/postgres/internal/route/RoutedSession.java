package io.sagaz.storage.postgres.internal.route;

import io.sagaz.storage.CausalToken;
import io.sagaz.storage.ReadConsistency;
import io.sagaz.storage.ReadSession;
import io.sagaz.storage.SagaReads;
import io.sagaz.storage.TransientStoreException;
import io.sagaz.storage.postgres.internal.sql.Arguments;
import io.sagaz.storage.postgres.internal.sql.SqlReads;
import java.util.Optional;

/** A session of reads. Safe for threads. */
final class RoutedSession implements ReadSession {
    private final SessionFloor floor = new SessionFloor();
    private final ReadPath path;
    private final PrimaryWatch watch;
    private final SqlReads sql;

    RoutedSession(ReadPath path, PrimaryWatch watch, SqlReads sql) {
        this.path = path.in(floor);
        this.watch = watch;
        this.sql = sql;
    }

    @Override
    public SagaReads reads(ReadConsistency consistency) {
        return new RoutedReads(path, sql, consistency, Optional.empty());
    }

    @Override
    public void include(CausalToken token) {
        if (Arguments.present("token", token).systemIdentifier() != watch.systemIdentifier()) {
            throw new IllegalArgumentException("token must be of this database, " + watch.systemIdentifier()
                    + ", but is of " + token.systemIdentifier() + ": go on without it");
        }
        floor.raise(new Floor(token, null));
    }

    @Override
    public Optional<CausalToken> token() {
        Floor seen = floor.get();
        if (seen.sinceNanos() == null) {
            return Optional.ofNullable(seen.position());
        }
        CausalToken ofPrimary = watch.tokenSince(seen.sinceNanos())
                .orElseThrow(() -> new TransientStoreException(
                        "No causal token: the primary could not be asked how far its log is; try again", null));
        floor.raise(new Floor(ofPrimary, null));
        return Optional.ofNullable(floor.get().position());
    }
}
