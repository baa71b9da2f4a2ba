package io.sagaz.bench.writes;

/** An order as a workflow of DBOS, which makes a proxy of it. */
public interface OrderWorkflow {
    /** Carries out the three steps. */
    String carryOut(String context);
}
