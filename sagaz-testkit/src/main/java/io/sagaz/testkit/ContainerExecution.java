package io.sagaz.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program in a container, which is removed when it is seen to have ended. */
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
    public synchronized boolean isRunning() {
        if (exitStatus == null) {
            exitStatus = look();
        }
        return exitStatus == null;
    }

    private @Nullable Integer look() {
        try {
            InspectContainerResponse.ContainerState state =
                    client.inspectContainerCmd(id).exec().getState();
            if (Boolean.TRUE.equals(state.getRunning())) {
                return null;
            }
            Long status = state.getExitCodeLong();
            remove.run();
            return status == null ? UNKNOWN : status.intValue();
        } catch (NotFoundException e) {
            return UNKNOWN;
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
        if (isRunning()) {
            try {
                client.killContainerCmd(id).withSignal(name).exec();
            } catch (ConflictException | NotFoundException e) {
                // It has ended in the meantime, or is frozen: as for a process, nothing comes of it then.
            }
        }
    }

    @Override
    public void freeze() {
        client.pauseContainerCmd(id).exec();
    }

    @Override
    public void thaw() {
        client.unpauseContainerCmd(id).exec();
    }

    /** The program is the first process in its container: with it go all others. */
    @Override
    public void kill() {
        signal("KILL");
        if (!Await.holds(DEATH, () -> !isRunning())) {
            throw new TopologyException("The container " + id + " survived SIGKILL");
        }
    }
}
