/**
 * The contract of the saga store: values, operations, answers and errors.
 *
 * <p>{@link io.sagaz.storage.SagaWrites} changes sagas and emits events, {@link io.sagaz.storage.SagaReads} reads them
 * under a stated {@linkplain io.sagaz.storage.ReadConsistency freshness}. What a caller must expect in normal life (a
 * version conflict, a saga that is not there) is a return value; what went wrong is a
 * {@link io.sagaz.storage.StoreException} that says what to do next. Values are immutable and safe to share between
 * threads. Nothing here is null unless it says so.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.storage;
