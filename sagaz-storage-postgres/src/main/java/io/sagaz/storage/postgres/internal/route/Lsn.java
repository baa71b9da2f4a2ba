package io.sagaz.storage.postgres.internal.route;

/** Positions in the write-ahead log, as unsigned numbers of bytes. */
final class Lsn {
    private static final int SEGMENT_HEADER = 40;
    private static final int PAGE_HEADER = 24;

    private Lsn() {}

    /** Reads the text form, two hexadecimal halves with a slash between them. */
    static long parse(String text) {
        int slash = text.indexOf('/');
        return Long.parseUnsignedLong(text.substring(0, slash), 16) << 32
                | Long.parseUnsignedLong(text.substring(slash + 1), 16);
    }

    /**
     * The end of the last record before an insert position. Where a record ended with its page, the insert position is
     * already behind the next page's header: no replica reports that position until more is written.
     */
    static long endOfLastRecord(long insertPosition, WalGeometry wal) {
        if (insertPosition % wal.segmentSize() == SEGMENT_HEADER) {
            return insertPosition - SEGMENT_HEADER;
        }
        if (insertPosition % wal.blockSize() == PAGE_HEADER) {
            return insertPosition - PAGE_HEADER;
        }
        return insertPosition;
    }
}
