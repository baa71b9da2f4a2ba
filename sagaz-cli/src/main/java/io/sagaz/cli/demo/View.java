package io.sagaz.cli.demo;

/** Where a run is shown. Used by one thread. */
interface View extends AutoCloseable {
    /** Says something before or after the run. */
    void say(String line);

    /** Tells of something that happened during the run. */
    void tell(Story.Entry entry);

    /** Shows where the run stands. */
    void show(Snapshot snapshot);

    /** Ends the showing of snapshots: whatever the view did to the terminal is undone. May be called twice. */
    @Override
    void close();
}
