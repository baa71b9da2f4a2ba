/** Stores for tests: {@link io.sagaz.testkit.store.SagazStore}. */
@NullMarked
package io.sagaz.testkit.store;

import org.jspecify.annotations.NullMarked;
