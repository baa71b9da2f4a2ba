package io.sagaz.testkit.junit;

import io.sagaz.testkit.TestDatabase;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says what is in each {@link TestDatabase} of a class's tests: beside {@link SagazTopology}. It counts as that does: for classes
 * that extend the class and nested ones, also on an annotation, and what is nearest counts.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface DatabaseTemplate {
    /**
     * What fills the template, {@linkplain io.sagaz.testkit.Topology#newDatabase(String, TestDatabase.Preparation) once for each
     * topology}; each database is a copy of it.
     *
     * @return a class with a constructor without parameters
     */
    Class<? extends TestDatabase.Preparation> value();
}
