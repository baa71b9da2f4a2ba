package io.sagaz.cli.init;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** A part of a YAML document. What is asked for and not there is a failure. */
record Node(String path, Object value) {
    /** Parses a document in which no key may be there twice. */
    static Node yaml(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(500);
        return new Node("", new Yaml(new SafeConstructor(options)).load(text));
    }

    /** Parses documents in which no key may be there twice. */
    static List<Node> documents(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<Node> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(text)) {
            documents.add(new Node("", document));
        }
        return documents;
    }

    Node at(String key) {
        Object child = asMap().get(key);
        if (child == null) {
            throw new AssertionError(path + " has no " + key);
        }
        return new Node(path + "/" + key, child);
    }

    boolean has(String key) {
        return asMap().get(key) != null;
    }

    Map<String, Node> entries() {
        Map<String, Node> entries = new LinkedHashMap<>();
        asMap().keySet().forEach(key -> entries.put(key.toString(), at(key.toString())));
        return entries;
    }

    List<Node> items() {
        return ((List<?>) value)
                .stream().map(item -> new Node(path + "[]", item)).toList();
    }

    List<String> texts() {
        return items().stream().map(Node::text).toList();
    }

    String text() {
        return value.toString();
    }

    private Map<?, ?> asMap() {
        return (Map<?, ?>) value;
    }
}
