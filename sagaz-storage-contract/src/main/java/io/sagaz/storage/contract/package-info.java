/**
 * What a saga store promises, as tests: {@link io.sagaz.storage.contract.SagaStoreContract} is extended by the test of a store,
 * which then runs all of them.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage.contract;
