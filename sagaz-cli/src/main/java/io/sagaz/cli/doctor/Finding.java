package io.sagaz.cli.doctor;

/**
 * Something that is not as it should be. Immutable.
 *
 * @param id what kind
 * @param subject what it is about
 * @param what what was seen
 * @param why why that matters
 * @param remedy what helps
 */
record Finding(Id id, Severity severity, String subject, String what, String why, String remedy) {}
