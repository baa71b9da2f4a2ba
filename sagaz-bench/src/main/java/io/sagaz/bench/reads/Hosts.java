package io.sagaz.bench.reads;

import io.sagaz.bench.Login;
import io.sagaz.bench.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** URLs that name several servers. Pure. */
final class Hosts {
    private static final Pattern ADDRESS = Pattern.compile("jdbc:postgresql://([^/?]+)/([^?]+).*");

    private Hosts() {}

    /** All servers, the primary first, for a dashboard. */
    static Login all(Stage stage, String scheme, String parameters) {
        List<String> urls = new ArrayList<>(List.of(stage.past().url()));
        for (int replica = 0; replica < stage.replicas().count(); replica++) {
            urls.add(stage.replicas().login(replica).url());
        }
        Login reader = stage.reads();
        return new Login(url(urls, scheme, parameters), reader.user(), reader.password());
    }

    static String url(List<String> urls, String scheme, String parameters) {
        String hosts = urls.stream().map(url -> part(url, 1)).collect(Collectors.joining(","));
        return scheme + "//" + hosts + "/" + part(urls.get(0), 2) + "?" + parameters;
    }

    private static String part(String url, int group) {
        Matcher address = ADDRESS.matcher(url);
        if (!address.matches()) {
            throw new IllegalArgumentException("Not a URL of one server: " + url);
        }
        return address.group(group);
    }
}
