package io.sagaz.cli.init;

/**
 * Who connects to a server of PostgreSQL, and whether it has room for them. Any server may come to lead, and may be the only
 * one that is left: so each has room for everybody. Immutable.
 *
 * @param maxConnections what each server takes
 * @param rw connections of PgBouncer-RW
 * @param ro connections of PgBouncer-RO
 */
record Budget(int maxConnections, Pool rw, Pool ro) {
    /** Migrations (3), the maintenance of partitions, and operators with psql. */
    private static final int DIRECT = 8;
    /** An exporter, with some to spare, and the health check. */
    private static final int MONITORING = 4;
    /** Beside the poolers: exporters, health checks, people who look. */
    private static final int OPERATORS = 8;
    /** Kept back by PostgreSQL. */
    private static final int SUPERUSER = 3;
    /** A copy of a server takes two, and so may each of them; the same however many replicas there are, for a replica must
     * not have fewer than its primary had when it wrote what is to be replayed. */
    private static final int SENDERS = 2 * (Stack.MOST_REPLICAS + 2);

    /**
     * The server connections of a pooler.
     *
     * @param name of the pooler
     * @param pods how many there may be of it at a time, those included that are on their way out
     * @param size of each, for each role
     * @param reserve more of them, when clients wait
     */
    record Pool(String name, int pods, int size, int reserve) {
        /** It asks whether a password is right, and whether a login leads somewhere. */
        private static final int OWN = 2;

        /** All that one of them opens at most, of all roles. */
        int each() {
            return size + reserve + OWN;
        }

        /** All that all of them open at most. */
        int connections() {
            return pods * each();
        }

        private String sum() {
            String each = size + " + " + reserve + " in reserve + " + OWN + " of its own";
            return connections() + " of " + name + " (" + (pods == 1 ? each : pods + " pods of " + each) + ")";
        }
    }

    /**
     * Refuses what does not fit.
     *
     * @throws IllegalArgumentException when it does not, with the sum
     */
    Budget {
        int needed = rw.connections() + ro.connections() + DIRECT + MONITORING + SUPERUSER;
        if (needed > maxConnections) {
            throw new IllegalArgumentException(
                    Setting.MAX_CONNECTIONS.named() + " is " + maxConnections + ", but a server that is left alone has "
                            + sum(rw, ro) + ". Raise it to " + needed + ", or make the pools smaller ("
                            + Setting.RW_POOL.option() + ", " + Setting.RO_POOL.option() + ")");
        }
    }

    /** The sum, for people. */
    String sum() {
        return sum(rw, ro) + ", of " + maxConnections;
    }

    int needed() {
        return rw.connections() + ro.connections() + DIRECT + MONITORING + SUPERUSER;
    }

    int superuser() {
        return SUPERUSER;
    }

    /** How many connections a role has that each pooler logs in as by itself. */
    int ofEachPooler() {
        return rw.pods() + ro.pods() + OPERATORS;
    }

    /** Connections of replicas, which PostgreSQL counts apart; and slots. */
    int senders() {
        return SENDERS;
    }

    private static String sum(Pool rw, Pool ro) {
        int needed = rw.connections() + ro.connections() + DIRECT + MONITORING + SUPERUSER;
        return rw.sum() + " + " + ro.sum() + " + " + DIRECT + " past the poolers + " + MONITORING + " for monitoring + "
                + SUPERUSER + " for the superuser = " + needed;
    }
}
