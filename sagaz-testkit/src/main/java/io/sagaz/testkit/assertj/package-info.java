/** Assertions of AssertJ on what Sagaz returns: {@link io.sagaz.testkit.assertj.SagazAssertions}. */
@NullMarked
package io.sagaz.testkit.assertj;

import org.jspecify.annotations.NullMarked;
