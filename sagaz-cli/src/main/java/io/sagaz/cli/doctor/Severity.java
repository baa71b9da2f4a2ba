package io.sagaz.cli.doctor;

/** How much a finding matters; the last matters most. */
enum Severity {
    /** Something could not be looked at, and so may be bad. */
    UNKNOWN,
    /** It will be bad, or is worse than it need be. */
    WARNING,
    /** It is bad: something fails, or data are at stake. */
    CRITICAL
}
