package io.sagaz.cli.look;

import io.sagaz.cli.CommandFailedException;
import io.sagaz.migrations.MigrationException;
import io.sagaz.storage.StoreException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;

/**
 * Something about a deployment that was asked for. Immutable.
 *
 * @param <T> what it is
 */
public sealed interface Fact<T> {
    /** What it is, if that is known. */
    Optional<T> known();

    /** Why it is not known, if so. */
    Optional<Unknown<T>> unknown();

    /**
     * It was found out.
     *
     * @param value what it is
     * @param <T> what it is
     */
    record Known<T>(T value) implements Fact<T> {
        @Override
        public Optional<T> known() {
            return Optional.of(value);
        }

        @Override
        public Optional<Unknown<T>> unknown() {
            return Optional.empty();
        }
    }

    /**
     * It could not be found out, which is never to be taken for fine.
     *
     * @param what what is not known
     * @param why why not
     * @param remedy what helps, if that is plain from the reason
     * @param <T> what it would be
     */
    record Unknown<T>(String what, String why, Optional<String> remedy) implements Fact<T> {
        /** With no remedy that would be plain. */
        public Unknown(String what, String why) {
            this(what, why, Optional.empty());
        }

        @Override
        public Optional<T> known() {
            return Optional.empty();
        }

        @Override
        public Optional<Unknown<T>> unknown() {
            return Optional.of(this);
        }
    }

    /**
     * Asks for something.
     *
     * @param <T> what it is
     */
    @FunctionalInterface
    interface Question<T> {
        /** Finds it out. */
        T ask() throws SQLException;
    }

    /** Asks; what goes wrong makes it unknown. */
    static <T> Fact<T> of(String what, Question<T> question) {
        try {
            return new Known<>(question.ask());
        } catch (LoginRefusedException e) {
            return new Unknown<>(what, String.valueOf(e.getMessage()), Optional.of(e.remedy()));
        } catch (SQLException | StoreException | MigrationException | CommandFailedException e) {
            return new Unknown<>(what, String.valueOf(e.getMessage()));
        }
    }

    /** Asks by means of another fact; if that is unknown, this is, for the same reason. */
    default <R> Fact<R> then(String what, Function<T, Fact<R>> next) {
        if (this instanceof Known<T> known) {
            return next.apply(known.value());
        }
        return unknown()
                .map(other -> new Unknown<R>(what, other.why(), other.remedy()))
                .orElseThrow();
    }
}
