package io.sagaz.testkit;

import java.io.IOException;

/** How programs are run. */
interface Launcher {
    /** Starts a program, which appends what it says to its log. */
    Execution launch(Children.Program program) throws IOException;
}
