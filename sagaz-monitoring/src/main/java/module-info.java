/** Dashboards for Grafana, rules and configuration for Prometheus, queries for its exporters. */
module io.sagaz.monitoring {
    requires static transitive org.jspecify;
    requires static io.sagaz.outbox;
    requires static io.sagaz.storage.postgres;
    requires com.fasterxml.jackson.core;

    exports io.sagaz.monitoring;
}
