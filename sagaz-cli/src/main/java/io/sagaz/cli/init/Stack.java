package io.sagaz.cli.init;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A deployment as it shall be: all settings, checked. Immutable. Its text holds no password.
 *
 * @param values the values of {@code .env} by name, passwords included
 * @param servers the servers of PostgreSQL
 * @param budget who connects to them
 */
record Stack(Map<String, String> values, List<Server> servers, Budget budget) {
    static final int MOST_REPLICAS = 16;

    /** Pods of PgBouncer-RW; and the fewest of PgBouncer-RO. */
    static final int RW_PODS = 2;

    private static final int MOST_PODS = 50;
    private static final int LAST_UID = 65_535;
    private static final int LAST_PORT = 65_535;
    private static final int MOST_CONNECTIONS = 10_000;
    private static final String PATRONI_REPLICAS = "2";
    private static final Pattern PROJECT = Pattern.compile("[a-z0-9][a-z0-9_-]*");
    private static final Pattern SIZE = Pattern.compile("[1-9][0-9]*(kB|MB|GB)");
    private static final Pattern QUANTITY = Pattern.compile("[1-9][0-9]*(Mi|Gi|Ti)");
    private static final Pattern ON_OR_OFF = Pattern.compile("on|off");
    private static final Pattern FAILOVER = Pattern.compile("none|patroni");
    private static final Pattern SYNCHRONOUS = Pattern.compile("on|off|strict");
    private static final Pattern IMAGE = Pattern.compile("[\\w./:@-]+");

    /**
     * A server of PostgreSQL.
     *
     * @param name of its service or pod, and of its volume
     * @param host where others find it
     * @param leads whether it is the primary; with Patroni any of them may be, and this is true of the first
     * @param portVariable names its port on 127.0.0.1
     */
    record Server(String name, String host, boolean leads, String portVariable) {
        /** Its slot, and how it is named among those who follow. */
        String slot() {
            return name.replace('-', '_');
        }
    }

    /** How servers are named, and how many poolers there are. */
    enum Naming {
        /** By what they were first, on Compose and on hosts. */
        ROLES {
            @Override
            String name(int number) {
                return number == 0 ? "postgres-primary" : "postgres-replica" + (number == 1 ? "" : "-" + number);
            }
        },
        /** By numbers alone, where Patroni lets any of them lead. */
        MEMBERS {
            @Override
            String name(int number) {
                return "postgres-" + (number + 1);
            }
        },
        /** As the pods of a StatefulSet. */
        PODS {
            @Override
            String name(int number) {
                return "postgresql-" + number;
            }

            @Override
            String host(String name) {
                return name + ".postgresql-headless";
            }

            @Override
            int most(int pods) {
                return pods + 2;
            }
        };

        /** Of the server with this number; the first is 0. */
        abstract String name(int number);

        /** Where the others find the server of this name. */
        String host(String name) {
            return name;
        }

        /** How many poolers there are at most of a kind with so many pods: one that is made, and one that ends, come to them. */
        int most(int pods) {
            return 1;
        }
    }

    Stack {
        values = Map.copyOf(values);
        servers = List.copyOf(servers);
    }

    /**
     * Takes each value from the options, else from what is there already, else its default; passwords are made up.
     *
     * @param options by setting
     * @param there the {@code .env} of an earlier init; empty if there is none
     * @param password makes one up
     * @throws IllegalArgumentException when a value is not as it must be, or when they do not fit together
     */
    static Stack of(Map<Setting, String> options, EnvFile there, Supplier<String> password) {
        return of(Naming.ROLES, options, there, password);
    }

    /** As above, with servers that are named so, unless Patroni may let any of them lead. */
    static Stack of(Naming wanted, Map<Setting, String> options, EnvFile there, Supplier<String> password) {
        Map<String, String> values = new LinkedHashMap<>();
        checkFailover(wanted, options, there);
        for (Setting setting : Setting.values()) {
            String chosen = options.get(setting);
            values.put(
                    setting.variable(),
                    chosen != null
                            ? chosen
                            : there.get(setting.variable())
                                    .or(() -> standard(setting, values))
                                    .orElseThrow(() -> new IllegalArgumentException(
                                            setting.named() + " must be given: " + setting.description())));
        }
        Naming naming = naming(wanted, values);
        List<Server> servers = servers(naming, values);
        for (int i = 2; i < servers.size(); i++) {
            String variable = servers.get(i).portVariable();
            int next = port(values, Setting.REPLICA_PORT) + i - 1;
            values.put(variable, there.get(variable).orElse(Integer.toString(next)));
        }
        for (Secret secret : secrets(values)) {
            values.put(secret.variable(), there.get(secret.variable()).orElseGet(password));
        }
        check(values, servers);
        return new Stack(values, servers, budget(naming, values));
    }

    /** Whether Patroni promotes a replica when the primary is lost. */
    boolean patroni() {
        return patroni(values);
    }

    /** Whether a commit waits for a replica while there is one. */
    boolean synchronous() {
        return !value(Setting.SYNCHRONOUS).equals("off");
    }

    /** Whether nobody writes while there is no replica. */
    boolean strict() {
        return value(Setting.SYNCHRONOUS).equals("strict");
    }

    /** The passwords that it has. */
    List<Secret> secrets() {
        return secrets(values);
    }

    /** Whether it can be told this. */
    boolean has(Setting setting) {
        return patroni() ? setting != Setting.PRIMARY : !setting.isOfPatroni();
    }

    /** The one that leads. */
    Server primary() {
        return servers.stream().filter(Server::leads).findFirst().orElseThrow();
    }

    /** Those that follow. */
    List<Server> replicas() {
        return servers.stream().filter(server -> !server.leads()).toList();
    }

    /** Whether everything is encrypted. */
    boolean tls() {
        return value(Setting.TLS).equals("on");
    }

    String value(Setting setting) {
        return value(setting.variable());
    }

    String value(String variable) {
        String value = values.get(variable);
        if (value == null) {
            throw new IllegalArgumentException(variable + " is no value of a deployment");
        }
        return value;
    }

    @Override
    public String toString() {
        return "Stack[servers=" + servers + ", budget=" + budget + "]";
    }

    private static boolean patroni(Map<String, String> values) {
        return values.getOrDefault(Setting.FAILOVER.variable(), "").equals("patroni");
    }

    private static List<Secret> secrets(Map<String, String> values) {
        return Stream.of(Secret.values())
                .filter(secret -> secret != Secret.PATRONI || patroni(values))
                .toList();
    }

    /** One replica alone is none while a failed primary comes back, and then nobody could take over from its successor. */
    private static Optional<String> standard(Setting setting, Map<String, String> values) {
        return setting == Setting.REPLICAS && patroni(values) ? Optional.of(PATRONI_REPLICAS) : setting.standard();
    }

    /** What must be known before anything else, for it decides on what else there is. */
    private static void checkFailover(Naming wanted, Map<Setting, String> options, EnvFile there) {
        String before = there.get(Setting.FAILOVER.variable()).orElse("none");
        String chosen = options.getOrDefault(Setting.FAILOVER, before);
        if (!FAILOVER.matcher(chosen).matches()) {
            throw new IllegalArgumentException(Setting.FAILOVER.named() + " must be none or patroni, but is " + chosen);
        }
        boolean made = there.get(Secret.OWNER.variable()).isPresent();
        if (made && !before.equals(chosen)) {
            throw new IllegalArgumentException(Setting.FAILOVER.named() + " is " + before
                    + " here, and data do not move from one kind of deployment to the other: make another deployment"
                    + " in a folder of its own (--dir), and restore a dump there");
        }
        if (chosen.equals("patroni") && wanted == Naming.PODS) {
            throw new IllegalArgumentException(Setting.FAILOVER.named() + " is patroni, which is for Compose only. On"
                    + " Kubernetes the overlay cnpg promotes by itself");
        }
        if (chosen.equals("patroni") && options.containsKey(Setting.PRIMARY)) {
            throw new IllegalArgumentException(Setting.PRIMARY.named() + " is " + options.get(Setting.PRIMARY)
                    + ", but with --failover patroni the servers agree on who leads: leave it away, and run patronictl"
                    + " switchover to let another lead");
        }
        Optional<Setting> unused = chosen.equals("patroni")
                ? Optional.empty()
                : options.keySet().stream().filter(Setting::isOfPatroni).findFirst();
        unused.ifPresent(setting -> {
            throw new IllegalArgumentException(setting.named() + " is " + options.get(setting)
                    + ", which goes with --failover patroni only: say that too, or leave it away");
        });
    }

    /** How the servers are named: one that may be promoted at any time has no role in its name. */
    private static Naming naming(Naming wanted, Map<String, String> values) {
        return patroni(values) ? Naming.MEMBERS : wanted;
    }

    private static List<Server> servers(Naming naming, Map<String, String> values) {
        int replicas = inRange(values, Setting.REPLICAS, 1, MOST_REPLICAS);
        String leader = naming == Naming.MEMBERS ? naming.name(0) : values.getOrDefault(Setting.PRIMARY.variable(), "");
        List<Server> servers = new ArrayList<>();
        IntStream.rangeClosed(0, replicas).forEach(i -> {
            String name = naming.name(i);
            servers.add(new Server(name, naming.host(name), leader.equals(name), portVariable(i)));
        });
        if (servers.stream().noneMatch(Server::leads)) {
            throw new IllegalArgumentException(Setting.PRIMARY.named() + " must be one of "
                    + servers.stream().map(Server::name).toList() + ", but is " + leader);
        }
        return servers;
    }

    private static String portVariable(int number) {
        return switch (number) {
            case 0 -> Setting.PRIMARY_PORT.variable();
            case 1 -> Setting.REPLICA_PORT.variable();
            default -> "SAGAZ_REPLICA_" + number + "_PORT";
        };
    }

    private static Budget budget(Naming naming, Map<String, String> values) {
        return new Budget(
                inRange(values, Setting.MAX_CONNECTIONS, 1, MOST_CONNECTIONS),
                new Budget.Pool(
                        "PgBouncer-RW",
                        naming.most(RW_PODS),
                        inRange(values, Setting.RW_POOL, 1, MOST_CONNECTIONS),
                        inRange(values, Setting.RW_RESERVE, 0, MOST_CONNECTIONS)),
                new Budget.Pool(
                        "PgBouncer-RO",
                        naming.most(inRange(values, Setting.RO_PODS, RW_PODS, MOST_PODS)),
                        inRange(values, Setting.RO_POOL, 1, MOST_CONNECTIONS),
                        inRange(values, Setting.RO_RESERVE, 0, MOST_CONNECTIONS)));
    }

    private static void check(Map<String, String> values, List<Server> servers) {
        matching(values, Setting.PROJECT, PROJECT, "lower-case letters, digits, - and _");
        matching(values, Setting.SHARED_BUFFERS, SIZE, "a number and kB, MB or GB");
        matching(values, Setting.SLOT_WAL, SIZE, "a number and kB, MB or GB");
        matching(values, Setting.TLS, ON_OR_OFF, "on or off");
        matching(values, Setting.STORAGE, QUANTITY, "a number and Mi, Gi or Ti");
        matching(values, Setting.MEMORY, QUANTITY, "a number and Mi, Gi or Ti");
        inRange(values, Setting.POSTGRES_UID, 1, LAST_UID);
        inRange(values, Setting.PGBOUNCER_UID, 1, LAST_UID);
        matching(values, Setting.SYNCHRONOUS, SYNCHRONOUS, "on, off or strict");
        if (patroni(values) && values.getOrDefault(Setting.TLS.variable(), "").equals("on")) {
            throw new IllegalArgumentException(Setting.TLS.named()
                    + " is on, but must be off with --failover patroni: what Patroni, etcd and HAProxy say is not"
                    + " encrypted yet");
        }
        for (Setting setting : Setting.values()) {
            if (setting.label().equals("IMAGE")) {
                matching(values, setting, IMAGE, "the name of an image");
            }
        }
        Map<Integer, String> taken = new HashMap<>();
        for (String variable : ports(servers)) {
            int port = inRange(variable, variable, values, 1, LAST_PORT);
            String other = taken.putIfAbsent(port, variable);
            if (other != null) {
                throw new IllegalArgumentException(
                        variable + " and " + other + " must not both be " + port + ": give one of them another port");
            }
        }
    }

    private static List<String> ports(List<Server> servers) {
        List<String> ports =
                new ArrayList<>(servers.stream().map(Server::portVariable).toList());
        for (Setting setting : Setting.values()) {
            if (setting.label().equals("PORT") && !ports.contains(setting.variable())) {
                ports.add(setting.variable());
            }
        }
        return ports;
    }

    private static int port(Map<String, String> values, Setting setting) {
        return inRange(values, setting, 1, LAST_PORT);
    }

    private static void matching(Map<String, String> values, Setting setting, Pattern pattern, String wanted) {
        String value = values.getOrDefault(setting.variable(), "");
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(setting.named() + " must be " + wanted + ", but is " + value);
        }
    }

    private static int inRange(Map<String, String> values, Setting setting, int least, int most) {
        return inRange(setting.variable(), setting.named(), values, least, most);
    }

    private static int inRange(String variable, String named, Map<String, String> values, int least, int most) {
        String value = values.getOrDefault(variable, "");
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told as what is out of range is.
        }
        throw new IllegalArgumentException(named + " must be from " + least + " to " + most + ", but is " + value);
    }
}
