package io.sagaz.monitoring;

/** What a panel's numbers are, as Grafana calls it. */
enum Unit {
    NUMBER("short"),
    BYTES("bytes"),
    BYTES_PER_SECOND("Bps"),
    SECONDS("s"),
    /** 0 to 1. */
    SHARE("percentunit"),
    PER_SECOND("cps"),
    YES_NO("bool_yes_no");

    private final String grafana;

    Unit(String grafana) {
        this.grafana = grafana;
    }

    String grafana() {
        return grafana;
    }
}
