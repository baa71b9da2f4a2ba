package io.sagaz.storage;

import java.util.Optional;

/**
 * A saga that a worker has claimed.
 *
 * @param id its identifier
 * @param name the name of the kind of saga
 * @param status where it stands
 * @param version its version from now on, to be given with the next change; every earlier one is a conflict
 * @param formerOwner whose lease ran out
 */
public record ClaimedSaga(SagaId id, String name, SagaStatus status, long version, Optional<String> formerOwner) {}
