package io.sagaz.cli.init;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Gathers the documents of a folder as kustomize does: those of the files and folders that its kustomization names. */
final class Kustomization {
    private Kustomization() {}

    /** The documents; a file or folder that is named and not there is a failure. */
    static List<Node> documents(Map<String, String> files, String folder) {
        Node kustomization = Node.yaml(file(files, folder + "/kustomization.yaml"));
        List<Node> documents = new ArrayList<>();
        for (String resource : kustomization.at("resources").texts()) {
            String path =
                    URI.create(folder + "/" + resource).normalize().toString().replaceFirst("/$", "");
            if (resource.endsWith(".yaml")) {
                // kustomize reads no file outside of the folder.
                if (!path.startsWith(folder + "/")) {
                    throw new AssertionError(folder + " must not name " + resource);
                }
                documents.addAll(Node.documents(file(files, path)));
            } else {
                documents.addAll(documents(files, path));
            }
        }
        if (kustomization.has("configMapGenerator")) {
            for (Node generator : kustomization.at("configMapGenerator").items()) {
                documents.add(generated(files, folder, generator));
            }
        }
        return documents;
    }

    private static Node generated(Map<String, String> files, String folder, Node generator) {
        Map<String, Object> data = generator.at("envs").texts().stream()
                .flatMap(env -> file(files, folder + "/" + env).lines())
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        return new Node(
                "",
                Map.of(
                        "apiVersion",
                        "v1",
                        "kind",
                        "ConfigMap",
                        "metadata",
                        Map.of("name", generator.at("name").text(), "namespace", "sagaz"),
                        "data",
                        data));
    }

    private static String file(Map<String, String> files, String path) {
        String text = files.get(path);
        if (text == null) {
            throw new AssertionError("There is no " + path);
        }
        return text;
    }
}
