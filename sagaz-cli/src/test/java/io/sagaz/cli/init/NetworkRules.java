package io.sagaz.cli.init;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1LabelSelectorRequirement;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPeer;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who may reach whom under the NetworkPolicies of one namespace, as Kubernetes has it: what any policy allows is allowed. */
record NetworkRules(String namespace, Collection<V1NetworkPolicy> policies) {
    /**
     * A pod.
     *
     * @param namespace its namespace
     * @param labelsOfNamespace the labels of that
     * @param labels its own
     */
    record End(String namespace, Map<String, String> labelsOfNamespace, Map<String, String> labels) {
        End {
            labelsOfNamespace = Map.copyOf(labelsOfNamespace);
            labels = Map.copyOf(labels);
        }
    }

    boolean allow(End from, End to, String protocol, int port) {
        List<V1NetworkPolicy> ofFrom = of(from, "Egress");
        List<V1NetworkPolicy> ofTo = of(to, "Ingress");
        return (ofFrom.isEmpty()
                        || ofFrom.stream()
                                .flatMap(policy -> Pod.list(policy.getSpec().getEgress()).stream())
                                .anyMatch(rule -> any(rule.getTo(), to) && port(rule.getPorts(), protocol, port)))
                && (ofTo.isEmpty()
                        || ofTo.stream()
                                .flatMap(policy -> Pod.list(policy.getSpec().getIngress()).stream())
                                .anyMatch(rule -> any(rule.getFrom(), from) && port(rule.getPorts(), protocol, port)));
    }

    private List<V1NetworkPolicy> of(End end, String type) {
        return policies.stream()
                .filter(policy -> end.namespace().equals(namespace)
                        && policy.getSpec().getPolicyTypes().contains(type)
                        && selects(policy.getSpec().getPodSelector(), end.labels()))
                .toList();
    }

    private boolean any(@Nullable List<V1NetworkPolicyPeer> peers, End end) {
        // An empty list is everybody.
        return Pod.list(peers).isEmpty()
                || Pod.list(peers).stream()
                        .anyMatch(peer -> (peer.getNamespaceSelector() == null
                                        ? end.namespace().equals(namespace)
                                        : selects(peer.getNamespaceSelector(), end.labelsOfNamespace()))
                                && (peer.getPodSelector() == null || selects(peer.getPodSelector(), end.labels())));
    }

    private static boolean port(@Nullable List<V1NetworkPolicyPort> ports, String protocol, int port) {
        return Pod.list(ports).isEmpty()
                || Pod.list(ports).stream()
                        .anyMatch(each -> (each.getProtocol() == null ? "TCP" : each.getProtocol()).equals(protocol)
                                && each.getPort().getIntValue() == port);
    }

    private static boolean selects(V1LabelSelector selector, Map<String, String> labels) {
        boolean matches = selector.getMatchLabels() == null
                || labels.entrySet().containsAll(selector.getMatchLabels().entrySet());
        for (V1LabelSelectorRequirement requirement : Pod.list(selector.getMatchExpressions())) {
            if (!requirement.getOperator().equals("In")) {
                throw new AssertionError("Not known here: " + requirement.getOperator());
            }
            matches &= requirement.getValues().contains(labels.get(requirement.getKey()));
        }
        return matches;
    }
}
