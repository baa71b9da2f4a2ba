package io.sagaz.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.codehaus.plexus.util.cli.CommandLineUtils;

/**
 * Runs a command of {@code sagaz}, such as {@code mvn sagaz:run -Dsagaz.command="migrate --check"}, in a JVM of its own with the
 * input, output and environment of this one. The build fails unless the command ends with 0.
 */
@Mojo(name = "run", requiresProject = false, threadSafe = true)
public final class RunMojo extends AbstractMojo {
    private static final String COMMAND_LINE = "sagaz-cli";
    private static final String SETTINGS = "sagaz.";
    private static final String COMMAND = "sagaz.command";

    /** What {@code sagaz} is told, as in a shell: {@code --help} lists the commands. */
    @Parameter(property = COMMAND, defaultValue = "--help", required = true)
    @SuppressWarnings("NullAway.Init") // Maven sets it before it runs.
    private String command;

    /** Where relative names of files begin. */
    @Parameter(defaultValue = "${basedir}", readonly = true, required = true)
    @SuppressWarnings("NullAway.Init")
    private File folder;

    /** What was given with -D; the settings of Sagaz go on to the command. */
    @Parameter(defaultValue = "${session.userProperties}", readonly = true, required = true)
    @SuppressWarnings("NullAway.Init")
    private Properties given;

    @Parameter(defaultValue = "${plugin.artifacts}", readonly = true, required = true)
    @SuppressWarnings("NullAway.Init")
    private List<Artifact> artifacts;

    /** For Maven. */
    public RunMojo() {}

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        List<String> words = words();
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        given.stringPropertyNames().stream()
                .filter(name -> name.startsWith(SETTINGS) && !name.equals(COMMAND))
                .map(name -> "-D" + name + "=" + given.getProperty(name))
                .forEach(line::add);
        line.add("-jar");
        line.add(jar());
        line.addAll(words);
        int status = run(line);
        if (status != 0) {
            // No more of it than its name: there may be a secret in the rest.
            throw new MojoFailureException(
                    "sagaz " + words.get(0) + " ended with status " + status + ", as it said above");
        }
    }

    private List<String> words() throws MojoExecutionException {
        try {
            List<String> words = List.of(CommandLineUtils.translateCommandline(command));
            return words.isEmpty() ? List.of("--help") : words;
        } catch (Exception e) {
            throw new MojoExecutionException(
                    COMMAND + " is no command line: " + e.getMessage() + ". Quote it as in a shell", e);
        }
    }

    private String jar() {
        return artifacts.stream()
                .filter(artifact -> artifact.getArtifactId().equals(COMMAND_LINE))
                .map(artifact -> artifact.getFile().getAbsolutePath())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("This plugin comes with " + COMMAND_LINE));
    }

    private int run(List<String> line) throws MojoExecutionException {
        try {
            Process process =
                    new ProcessBuilder(line).directory(folder).inheritIO().start();
            try {
                return process.waitFor();
            } catch (InterruptedException e) {
                process.destroy();
                Thread.currentThread().interrupt();
                throw new MojoExecutionException("Interrupted while sagaz ran", e);
            }
        } catch (IOException e) {
            throw new MojoExecutionException("sagaz was not started: " + e.getMessage(), e);
        }
    }
}
