package io.sagaz.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program in a container, which is removed when it is seen to have ended.
 *
 * <p>Its processes are this machine's, and get their signals as such. The engine would do otherwise: when it kills a program, the
 * other processes in the container may still say good-bye to their clients, and a signal makes a program go on that stands still.
 */
final class ContainerExecution implements Execution {
    private static final Duration DEATH = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 10;
    private static final int UNKNOWN = -1;

    private final DockerClient client;
    private final String id;
    private final Runnable remove;
    private @Nullable Integer exitStatus;

    ContainerExecution(DockerClient client, String id, Runnable remove) {
        this.client = client;
        this.id = id;
        this.remove = remove;
    }

    @Override
    public boolean isRunning() {
        return firstProcess().isPresent();
    }

    /** The number of the program; empty when it has ended. */
    private synchronized Optional<Long> firstProcess() {
        if (exitStatus != null) {
            return Optional.empty();
        }
        try {
            InspectContainerResponse.ContainerState state =
                    client.inspectContainerCmd(id).exec().getState();
            if (Boolean.TRUE.equals(state.getRunning())) {
                return Optional.of(Optional.ofNullable(state.getPidLong()).orElse(0L));
            }
            Long status = state.getExitCodeLong();
            exitStatus = status == null ? UNKNOWN : status.intValue();
            remove.run();
        } catch (NotFoundException e) {
            exitStatus = UNKNOWN;
        }
        return Optional.empty();
    }

    /** The program as a process of this machine; empty when it has ended. */
    private Optional<ProcessHandle> process() {
        Optional<Long> pid = firstProcess();
        Optional<ProcessHandle> process = pid.filter(this::isOurs).flatMap(ProcessHandle::of);
        if (process.isEmpty() && pid.isPresent() && isRunning()) {
            throw new TopologyException(
                    "The program in the container " + id
                            + " is no process that this JVM can see: they must be on the same machine, and the JVM not in a container");
        }
        return process;
    }

    private boolean isOurs(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cgroup"))
                    .contains(id);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public boolean endsWithin(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        while (isRunning()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return true;
    }

    @Override
    public synchronized int exitStatus() {
        if (exitStatus == null) {
            throw new IllegalStateException("The container " + id + " is running");
        }
        return exitStatus;
    }

    @Override
    public void signal(String name) {
        process().ifPresent(process -> Processes.signal(process, name));
    }

    @Override
    public void freeze() {
        process().ifPresent(process -> Processes.signalTree(process, "STOP"));
    }

    @Override
    public void thaw() {
        process().ifPresent(process -> Processes.signalTree(process, "CONT"));
    }

    @Override
    public void kill() {
        process().ifPresent(Processes::killTree);
        if (!Await.holds(DEATH, () -> !isRunning())) {
            throw new TopologyException("The container " + id + " survived SIGKILL");
        }
    }
}
