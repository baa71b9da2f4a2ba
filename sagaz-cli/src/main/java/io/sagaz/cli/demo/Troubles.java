package io.sagaz.cli.demo;

/**
 * How often each kind of trouble was met. The first four are part of life and were dealt with; the others must be zero.
 *
 * @param writesRetried transactions that were tried again
 * @param outcomesUnknown commits during which the connection was lost, so that the saga was read again
 * @param readsRetried reads that were tried again
 * @param readsRefused reads for which no replica was fresh enough and the primary had no room
 * @param staleViolations answers that lacked something their receipt had promised
 * @param tornReads answers that showed a state no transaction has left behind
 * @param errors failures that nobody expects
 */
record Troubles(
        long writesRetried,
        long outcomesUnknown,
        long readsRetried,
        long readsRefused,
        long staleViolations,
        long tornReads,
        long errors) {}
