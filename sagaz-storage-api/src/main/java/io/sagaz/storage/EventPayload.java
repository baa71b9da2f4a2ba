package io.sagaz.storage;

import java.util.Arrays;

/** What an event says: JSON, or bytes that only its consumers can read. */
public sealed interface EventPayload {
    /** The media type (RFC 6838), for example {@code application/json}. */
    String contentType();

    /**
     * A payload that the store keeps as jsonb: SQL can look into it.
     *
     * @param text JSON text
     */
    record Json(String text) implements EventPayload {
        /** Checks that there is a text. Whether it is JSON, the store checks before it writes anything. */
        public Json {
            Require.present("OutboxEvent.payload", text);
        }

        @Override
        public String contentType() {
            return "application/json";
        }

        /** Its length; never the text. */
        @Override
        public String toString() {
            return "Json[" + text.length() + " characters]";
        }
    }

    /** A payload that the store keeps as it is. Immutable. */
    final class Bytes implements EventPayload {
        private final byte[] bytes;
        private final String contentType;

        /**
         * Copies the bytes.
         *
         * @throws IllegalArgumentException if an argument is null, or {@code contentType} is blank or longer than 255
         *     characters
         */
        public Bytes(byte[] bytes, String contentType) {
            this.bytes = Require.present("OutboxEvent.payload", bytes).clone();
            this.contentType = Require.name("OutboxEvent.contentType", contentType);
        }

        /** A copy of the bytes. */
        public byte[] toByteArray() {
            return bytes.clone();
        }

        /** How many bytes there are. */
        public int length() {
            return bytes.length;
        }

        @Override
        public String contentType() {
            return contentType;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes that
                    && Arrays.equals(bytes, that.bytes)
                    && contentType.equals(that.contentType);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(bytes) + contentType.hashCode();
        }

        /** Length and type; never the bytes. */
        @Override
        public String toString() {
            return "Bytes[" + bytes.length + " of " + contentType + "]";
        }
    }
}
