package io.sagaz.testkit.assertj;

import io.sagaz.storage.AuditRecord;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;

/** Assertions on what the audit log tells of a saga: {@link SagazAssertions#assertThatTrail}. */
@SuppressWarnings("exports")
public final class TrailAssert extends AbstractAssert<TrailAssert, List<AuditRecord>> {
    private TrailAssert(List<AuditRecord> trail) {
        super(trail, TrailAssert.class);
    }

    static TrailAssert of(Collection<AuditRecord> trail) {
        return new TrailAssert(List.copyOf(trail));
    }

    /** The types of all entries, in their order. */
    public TrailAssert hasTypes(String... expected) {
        return require(
                "types " + List.of(expected),
                actual.stream().map(AuditRecord::type).toList().equals(Arrays.asList(expected)));
    }

    /** One entry at least is of this type. */
    public TrailAssert hasEntry(String type) {
        return requireAny("an entry " + type, entry -> entry.type().equals(type));
    }

    /** One entry at least is of this type and of this step. */
    public TrailAssert hasEntryOfStep(String type, String step) {
        return requireAny(
                "an entry " + type + " of step " + step,
                entry -> entry.type().equals(type) && entry.step().equals(Optional.of(step)));
    }

    /** One entry at least is of this type and by this actor. */
    public TrailAssert hasEntryBy(String type, String actor) {
        return requireAny(
                "an entry " + type + " by " + actor,
                entry -> entry.type().equals(type) && entry.actor().equals(Optional.of(actor)));
    }

    private TrailAssert requireAny(String expected, Predicate<AuditRecord> wanted) {
        return require(expected, actual.stream().anyMatch(wanted));
    }

    private TrailAssert require(String expected, boolean holds) {
        if (!holds) {
            throw failure("Expected %s, but the trail is%n%s", expected, Prints.ofTrail(actual));
        }
        return this;
    }
}
