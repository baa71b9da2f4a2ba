package io.sagaz.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a program has written. */
final class LogFile {
    private static final int MOST = 65_536;

    private LogFile() {}

    /** What stands behind a position, or the end of it if that is much. */
    static String read(Path log, long from) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(from, file.length() - MOST));
            byte[] bytes = new byte[(int) Math.max(0, file.length() - file.getFilePointer())];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /** The last lines, indented. */
    static String end(Path log) {
        return Command.lastLines(read(log, 0));
    }
}
