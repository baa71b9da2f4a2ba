package io.sagaz.migrations.internal.partition;

import java.util.List;

/** What a plan is made of. */
sealed interface Step {
    /** Make a partition that is missing. */
    record Create(Slot slot) implements Step {}

    /** Take a partition out of its table and to its end, if those that it depends on have gone by then. */
    record Retire(Partition partition, List<String> after) implements Step {
        public Retire {
            after = List.copyOf(after);
        }
    }

    /** Take one to its end that an earlier maintenance has begun with; expected are the reasons against it, if any. */
    record Finish(Partition partition, List<String> reasonsAgainst) implements Step {
        public Finish {
            reasonsAgainst = List.copyOf(reasonsAgainst);
        }
    }

    /** Leave it where it is. */
    record Keep(Partition partition, String why) implements Step {}
}
