package io.sagaz.testkit.junit;

import io.sagaz.testkit.Faults;
import io.sagaz.testkit.TestDatabase;
import io.sagaz.testkit.Topology;
import io.sagaz.testkit.TopologyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.ReflectionSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one test has of a topology. It is closed after all that the test itself, and other extensions, have opened. */
final class TopologyUse implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyExtension.class);
    private static final int MOST_SHOWN = 8;

    private final String test;
    private final TopologyHolder holder;
    private final boolean fresh;
    private final Optional<Class<? extends TestDatabase.Preparation>> template;
    private final Topology topology;
    private @Nullable TestDatabase database;
    private @Nullable Map<String, String> before;

    TopologyUse(
            String test,
            TopologyHolder holder,
            boolean fresh,
            Optional<Class<? extends TestDatabase.Preparation>> template) {
        this.test = test;
        this.holder = holder;
        this.fresh = fresh;
        this.template = template;
        this.topology = holder.topology();
    }

    Topology topology() {
        return holder.forTests();
    }

    TestDatabase database() {
        TestDatabase made = database;
        if (made == null) {
            made = template.map(type -> topology.newDatabase(type.getName(), ReflectionSupport.newInstance(type)))
                    .orElseGet(topology::newDatabase);
            database = made;
        }
        return made;
    }

    Faults faults() {
        if (before == null) {
            before = fresh ? Map.of() : topology.state();
        }
        return topology.faults();
    }

    @Override
    public void close() {
        if (fresh) {
            closeDatabaseOfPerhapsBroken();
        } else if (before == null || isAsItWas(before)) {
            closeDatabase();
        } else {
            holder.close();
        }
    }

    private boolean isAsItWas(Map<String, String> atFirst) {
        List<String> changes = changes(atFirst, topology.state());
        if (changes.isEmpty()) {
            LOG.info("{} has undone its faults: the topology goes on", test);
        } else {
            LOG.info(
                    "{} leaves a topology that is not as it was, which is closed: the next test gets a new one. {}",
                    test,
                    shown(changes));
        }
        return changes.isEmpty();
    }

    /** For people. Of who does not run nothing else is known, which need not be said. */
    static List<String> changes(Map<String, String> before, Map<String, String> after) {
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        List<String> changes = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (String name : names) {
            if (!Objects.equals(before.get(name), after.get(name))) {
                List<String> some = before.containsKey(name) && after.containsKey(name) ? changes : unknown;
                some.add(name + ": " + before.getOrDefault(name, "(unknown)") + ", now "
                        + after.getOrDefault(name, "(unknown)"));
            }
        }
        return changes.isEmpty() ? unknown : changes;
    }

    private static String shown(List<String> changes) {
        String first = String.join("; ", changes.subList(0, Math.min(MOST_SHOWN, changes.size())));
        return changes.size() > MOST_SHOWN ? first + "; and " + (changes.size() - MOST_SHOWN) + " more" : first;
    }

    private void closeDatabaseOfPerhapsBroken() {
        try {
            closeDatabase();
        } catch (TopologyException e) {
            LOG.debug("{} leaves its database to the end of the topology", test, e);
        }
    }

    private void closeDatabase() {
        if (database != null) {
            database.close();
        }
    }
}
