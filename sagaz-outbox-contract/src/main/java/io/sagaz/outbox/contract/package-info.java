/**
 * What a publisher of events promises, as tests: {@link io.sagaz.outbox.contract.EventPublisherContract} is extended by the test of
 * a publisher, which then runs all of them.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.outbox.contract;
