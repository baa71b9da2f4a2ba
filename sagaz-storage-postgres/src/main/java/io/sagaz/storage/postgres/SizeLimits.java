package io.sagaz.storage.postgres;

/**
 * How large a write may be. What is larger is refused before anything is sent, because the server would take it, and slow
 * down everybody: large values are compressed and cut into pieces, and everything is sent in one message.
 *
 * @param documentBytes the bytes (UTF-8) of one JSON document, payload or error text; 1 to 100 million
 * @param elements how many sagas, and steps, events and audit entries together, one call may have; 1 to 1 million
 * @param callBytes the bytes of all that one call sends; 1 to 250 million
 */
public record SizeLimits(int documentBytes, int elements, int callBytes) {
    /** A document of 1 MiB, 10,000 elements, 16 MiB for a call. */
    public static final SizeLimits DEFAULT = new SizeLimits(1 << 20, 10_000, 16 << 20);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public SizeLimits {
        check("documentBytes", documentBytes, 100_000_000);
        check("elements", elements, 1_000_000);
        check("callBytes", callBytes, 250_000_000);
    }

    /** The same with another limit for one document. */
    public SizeLimits withDocumentBytes(int bytes) {
        return new SizeLimits(bytes, elements, callBytes);
    }

    /** The same with another limit for the number of elements. */
    public SizeLimits withElements(int number) {
        return new SizeLimits(documentBytes, number, callBytes);
    }

    /** The same with another limit for a whole call. */
    public SizeLimits withCallBytes(int bytes) {
        return new SizeLimits(documentBytes, elements, bytes);
    }

    private static void check(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("SizeLimits." + name + " must be 1 to " + most + " but is " + value);
        }
    }
}
