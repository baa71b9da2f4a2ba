package io.sagaz.cli.init;

import com.google.gson.Gson;
import io.kubernetes.client.openapi.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The objects of the overlay {@code raw} and of the Secrets, as the files of a folder have them. */
record Manifests(List<Node> documents) {
    /** Reads the files that {@code sagaz init} has written. */
    static Manifests in(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder.resolve("k8s"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Files.readString(file));
            }
        }
        List<Node> documents = new ArrayList<>(Kustomization.documents(files, "k8s/overlays/raw"));
        documents.addAll(Node.documents(files.getOrDefault("k8s/secrets.yaml", "")));
        return new Manifests(List.copyOf(documents));
    }

    /** The objects of this kind by their names, as models of Kubernetes' client. */
    <T> Map<String, T> all(String kind, Class<T> model) {
        Gson gson = JSON.getGson();
        Map<String, T> found = new LinkedHashMap<>();
        for (Node document : documents) {
            if (document.at("kind").text().equals(kind)) {
                found.put(
                        document.at("metadata").at("name").text(),
                        gson.fromJson(gson.toJsonTree(document.value()), model));
            }
        }
        return found;
    }

    /** The one of this kind and name. */
    <T> T one(String kind, String name, Class<T> model) {
        T object = all(kind, model).get(name);
        if (object == null) {
            throw new AssertionError("There is no " + kind + " " + name);
        }
        return object;
    }
}
