package io.sagaz.bench.report;

/** Versions of what was measured. */
public record Versions(String postgres, String pgbouncer, String pgjdbc, String sagaz) {}
