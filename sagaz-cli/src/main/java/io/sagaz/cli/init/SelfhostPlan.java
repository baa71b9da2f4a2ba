package io.sagaz.cli.init;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which files a deployment on hosts of one's own has: units of systemd, and the script that sets a host up. Pure. */
final class SelfhostPlan {
    private static final Set<Setting> READ = EnumSet.of(
            Setting.PROJECT,
            Setting.REPLICAS,
            Setting.PRIMARY,
            Setting.TLS,
            Setting.HOME,
            Setting.MAX_CONNECTIONS,
            Setting.RW_POOL,
            Setting.RW_RESERVE,
            Setting.RO_POOL,
            Setting.RO_RESERVE,
            Setting.SHARED_BUFFERS,
            Setting.SLOT_WAL);

    private SelfhostPlan() {}

    /**
     * The files.
     *
     * @param stack what they are to describe
     * @param there the {@code .env} that is there, whose lines are kept
     * @param command which made them, for whoever reads them
     */
    static List<PlannedFile> of(Stack stack, EnvFile there, String command) {
        Common common = new Common(stack, command, "/etc/sagaz/tls");
        Map<String, Object> values = common.values();
        List<PlannedFile> files = new ArrayList<>();
        files.add(PlannedFile.open("SAGAZ.md", Templates.filled("selfhost/SAGAZ.md", values)));
        files.add(PlannedFile.secret(".env", common.env(there, READ::contains).text()));
        files.add(PlannedFile.once(".gitignore", ".env\nsecrets/\ntls/*.key\n"));
        files.add(PlannedFile.open("setup.sh", Templates.filled("selfhost/setup.sh", values)));
        for (Stack.Server server : stack.servers()) {
            Map<String, Object> ofServer = new LinkedHashMap<>(values);
            ofServer.putAll(common.values(server));
            files.add(unit(server.name(), "selfhost/postgres.service", ofServer));
        }
        common.poolers().forEach((name, ofPooler) -> {
            Map<String, Object> both = new LinkedHashMap<>(values);
            both.putAll(ofPooler);
            files.add(unit(name, "selfhost/pgbouncer.service", both));
        });
        files.add(unit("sagaz-migrate", "selfhost/migrate.service", values));
        for (Secret secret : stack.secrets()) {
            if (secret != Secret.GRAFANA) {
                files.add(PlannedFile.secret("secrets/" + secret.file(), stack.value(secret.variable()) + "\n"));
            }
        }
        files.addAll(common.files());
        if (stack.tls()) {
            files.add(PlannedFile.open("tls/make.sh", Templates.filled("tls/make.sh", values)));
        }
        return List.copyOf(files);
    }

    private static PlannedFile unit(String name, String template, Map<String, Object> values) {
        return PlannedFile.open("systemd/" + name + ".service", Templates.filled(template, values));
    }
}
