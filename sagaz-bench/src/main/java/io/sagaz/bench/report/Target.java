package io.sagaz.bench.report;

/**
 * What a result should be.
 *
 * @param text for people
 * @param met whether it is
 */
public record Target(String text, boolean met) {}
